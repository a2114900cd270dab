//! Transactions as PDF: one page of text, readable by any viewer.

use std::fmt::Write as _;

use http::StatusCode;
use orion_core::sandbox::Reply;

use super::Outcome;
use crate::sandbox::store::{Company, Fault, Json, Object};

/// Lines that fit on the page.
const LINES: usize = 48;

/// `GET {entity}/{id}/pdf`.
pub(super) fn serve(company: &mut Company, entity: &str, id: &str) -> Outcome {
    // The entities that Intuit's reference lists with a PDF.
    let printed =
        ["invoice", "estimate", "salesreceipt", "creditmemo", "payment", "refundreceipt", "purchaseorder"];
    if !printed.iter().any(|one| one.eq_ignore_ascii_case(entity)) {
        return Err(Fault::unsupported(format_args!("pdf on {entity}")));
    }
    let key = Company::key(entity).unwrap_or("Invoice");
    let row = company.read(entity, id)?;
    let row = Json::parse(&row.to_string()).ok().and_then(Json::into_object).unwrap_or_default();
    let page = document(&lines(key, &row));
    let name = row.text("DocNumber").or_else(|| row.text("Id")).unwrap_or_default().to_owned();
    let disposition = format!("attachment; filename=\"{key}_{name}.pdf\"");
    Ok(Reply::new(StatusCode::OK, "application/pdf", page).with("content-disposition", &disposition))
}

fn lines(key: &str, row: &Object) -> Vec<String> {
    let text = |path: &str| match row.at(path) {
        Some(Json::Text(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let mut lines = vec![
        format!("{key} {}", text("DocNumber")),
        format!("Date {}", text("TxnDate")),
        text("CustomerRef.name"),
        String::new(),
    ];
    for line in row.list("Line") {
        let amount = line.at("Amount").map(Json::to_string).unwrap_or_default();
        let what = line.at("Description").or_else(|| line.at("SalesItemLineDetail.ItemRef.name"));
        let what = what.or_else(|| line.at("DetailType")).and_then(Json::as_text).unwrap_or_default();
        lines.push(format!("{what}  {amount}"));
    }
    lines.push(String::new());
    lines.push(format!("Total {} {}", text("TotalAmt"), text("CurrencyRef.value")));
    lines.push(format!("Balance due {}", text("Balance")));
    lines
}

/// A PDF 1.4 file of one page (ISO 32000-1).
fn document(lines: &[String]) -> Vec<u8> {
    let mut content = String::from("BT /F1 11 Tf 56 780 Td 15 TL\n");
    for line in lines.iter().take(LINES) {
        let _infallible = writeln!(content, "({}) Tj T*", escaped(line));
    }
    content.push_str("ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (index, object) in objects.iter().enumerate() {
        let _infallible = writeln!(table, "{:010} 00000 n ", file.len());
        let _infallible = write!(file, "{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let (start, count) = (file.len(), objects.len() + 1);
    let _infallible = write!(
        file,
        "xref\n0 {count}\n{table}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    );
    file.into_bytes()
}

/// Text in a literal string; what WinAnsi has no plain byte for becomes a question mark.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '(' | ')' | '\\' => out.extend(['\\', letter]),
            ' '..='~' => out.push(letter),
            _ => out.push('?'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_stands_where_the_table_says() {
        let file = document(&["Total (1\\2)".to_owned(), "ü".to_owned()]);
        let text = String::from_utf8(file).unwrap();
        let start: usize =
            text.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
        assert!(text.get(start..).unwrap().starts_with("xref\n0 6\n"));
        let entries = text.get(start..).unwrap().lines().skip(3).take(5);
        for (index, entry) in entries.enumerate() {
            let offset: usize = entry.get(..10).unwrap().parse().unwrap();
            assert!(text.get(offset..).unwrap().starts_with(&format!("{} 0 obj", index + 1)), "{entry}");
        }
        assert!(text.contains("(Total \\(1\\\\2\\)) Tj"));
        assert!(text.contains("(?) Tj"));
        let length: usize =
            text.split("/Length ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        let stream = text.split_once("stream\n").unwrap().1;
        assert_eq!(stream.get(length..length + 10), Some("\nendstream"));
    }
}
