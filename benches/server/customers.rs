//! Customers as QuickBooks renders them (recorded shapes): nested addresses, references and numbers, about two thirds of them there.

use std::{fmt::Write as _, io};

use super::http::{Connection, Request};

/// Records in one rendered piece, which is the largest page.
const CHUNK: usize = 1_000;

const CITIES: [(&str, &str); 6] = [
    ("Bayshore", "CA"),
    ("Montréal", "QC"),
    ("Zürich", "ZH"),
    ("São Paulo", "SP"),
    ("Austin", "TX"),
    ("Kraków", "MA"),
];

/// The rendered records, in pieces of [`CHUNK`] joined by commas. Ids count from 1.
pub(crate) struct Customers {
    chunks: Vec<Vec<u8>>,
    count: usize,
}

impl Customers {
    pub(crate) fn render(count: usize) -> Self {
        let chunk = |first: usize| {
            let records = first..(first + CHUNK).min(count);
            records.map(render).collect::<Vec<_>>().join(",").into_bytes()
        };
        Self { chunks: (0..count).step_by(CHUNK).map(chunk).collect(), count }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.chunks.iter().map(Vec::len).sum()
    }
}

/// One page of `SELECT * FROM Customer`: after an id (`Id > '1000'`) or from a position (`STARTPOSITION 1001`), in the address or the body.
pub(crate) fn query_page(
    connection: &mut Connection,
    request: &Request,
    customers: &Customers,
) -> io::Result<()> {
    let mut body = Vec::new();
    connection.read_body(request, |piece| body.extend_from_slice(piece))?;
    let statement = format!("{}{}", request.query, String::from_utf8_lossy(&body))
        .to_ascii_lowercase()
        .replace("%20", " ");
    let after = |word: &str| {
        let rest = statement.rsplit_once(word)?.1.trim_start_matches(|c: char| !c.is_ascii_digit());
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().ok()
    };
    let first = match after("%3e+%27").or_else(|| after("> '")) {
        Some(id) => id,
        None => after("startposition").map_or(0, |position| position.saturating_sub(1)),
    };
    let rows = customers.chunks.get(first / CHUNK).filter(|_| first < customers.count);
    match rows {
        Some(rows) => {
            let many = CHUNK.min(customers.count - first);
            let tail = format!(
                r#"],"startPosition":{},"maxResults":{many}}},"time":"2026-01-01T00:00:00.000-08:00"}}"#,
                first + 1
            );
            connection.reply(
                200,
                "application/json",
                &[br#"{"QueryResponse":{"Customer":["#, rows, tail.as_bytes()],
            )
        }
        None => connection.reply(
            200,
            "application/json",
            &[br#"{"QueryResponse":{},"time":"2026-01-01T00:00:00.000-08:00"}"#],
        ),
    }
}

fn render(number: usize) -> String {
    let (city, state) = CITIES[number % CITIES.len()];
    let id = number + 1;
    let mut text = String::with_capacity(1200);
    let _written = write!(
        text,
        r#"{{"Taxable":{},"BillAddr":{{"Id":"{id}","Line1":"{} Finch St.","City":"{city}","CountrySubDivisionCode":"{state}","PostalCode":"{:05}","Lat":"INVALID","Long":"INVALID"}},"#,
        number.is_multiple_of(2),
        number % 9000,
        number % 100_000
    );
    if !number.is_multiple_of(3) {
        let _written = write!(
            text,
            r#""ShipAddr":{{"Id":"{id}","Line1":"{} Finch St.","City":"{city}"}},"Notes":"Asked for \"net 60\" terms.","#,
            number % 9000
        );
    }
    let _written = write!(
        text,
        r#""Job":false,"BillWithParent":false,"Balance":{}.{:02},"BalanceWithJobs":{}.{:02},"CurrencyRef":{{"value":"USD","name":"United States Dollar"}},"PreferredDeliveryMethod":"Print","IsProject":false,"ClientEntityId":"0","domain":"QBO","sparse":false,"Id":"{id}","SyncToken":"{}","MetaData":{{"CreateTime":"2025-0{}-1{}T16:48:43-07:00","LastUpdatedTime":"2025-0{}-1{}T10:15:53-07:00"}},"GivenName":"Amélie","FamilyName":"Łódź {number}","FullyQualifiedName":"Amélie's Bird Sanctuary {number}","CompanyName":"Amélie's Bird Sanctuary","DisplayName":"Amélie's Bird Sanctuary {number}","PrintOnCheckName":"Amélie's Bird Sanctuary","Active":true,"V4IDPseudonym":"00208{id:09}","PrimaryPhone":{{"FreeFormNumber":"(650) 555-{:04}"}},"PrimaryEmailAddr":{{"Address":"birds{number}@intuit.test"}},"DefaultTaxCodeRef":{{"value":"2"}}}}"#,
        number % 90_000,
        number % 100,
        number % 90_000,
        number % 100,
        number % 9,
        number % 9 + 1,
        number % 10,
        number % 9 + 1,
        number % 10,
        number % 10_000
    );
    text
}
