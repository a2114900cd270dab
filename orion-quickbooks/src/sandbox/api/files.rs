//! Attachments: upload in multipart, and the two ways to a file's content.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use orion_core::sandbox::{Call, Reply};

use super::{Outcome, object};
use crate::sandbox::refusal;
use crate::sandbox::state::World;
use crate::sandbox::store::{Company, Fault, File, Json, Object, stamp_millis};

/// One part of a multipart body.
#[derive(Debug, Default)]
struct Part<'a> {
    name: String,
    file_name: Option<String>,
    content_type: String,
    is_base64: bool,
    content: &'a [u8],
}

/// `POST upload`: pairs of `file_metadata_NN` and `file_content_NN`; each file has its own outcome.
pub(super) fn upload(company: &mut Company, call: &Call) -> Outcome {
    let header = call.header("content-type").unwrap_or_default();
    let boundary =
        header.split_once("boundary=").map(|(_, rest)| rest.split(';').next().unwrap_or(rest).trim());
    let Some(boundary) = boundary.map(|text| text.trim_matches('"')).filter(|text| !text.is_empty()) else {
        // The wording is unverified.
        return Err(Fault::new(
            "1050",
            "Invalid Content Type",
            "multipart/form-data with a boundary is required",
        ));
    };
    let parts = parts(&call.body, boundary);
    let mut answers = Vec::new();
    for part in parts.iter().filter(|part| part.name.starts_with("file_content")) {
        let number = part.name.trim_start_matches("file_content");
        let about = parts.iter().find(|other| other.name == format!("file_metadata{number}"));
        let stored = stored(company, call, about, part);
        answers.push(Json::Object(match stored {
            Ok(row) => Object::new().with("Attachable", row),
            Err(fault) => Object::new().with("Fault", fault.json()),
        }));
    }
    if answers.is_empty() {
        return Err(Fault::required("file_content_01"));
    }
    Ok(object(&Object::new().with("AttachableResponse", answers).with("time", stamp_millis(company.now()))))
}

fn stored(
    company: &mut Company,
    call: &Call,
    about: Option<&Part<'_>>,
    part: &Part<'_>,
) -> Result<Json, Fault> {
    let about = match about {
        Some(about) => Some(Json::parse(&String::from_utf8_lossy(about.content)).map_err(Fault::unreadable)?),
        None => None,
    };
    let content: Arc<[u8]> = if part.is_base64 {
        let bare: Vec<u8> = part.content.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        STANDARD.decode(bare).map_err(Fault::unreadable)?.into()
    } else {
        part.content.into()
    };
    let named = about.as_ref().and_then(|about| about.at("FileName")).and_then(Json::as_text);
    let name =
        part.file_name.clone().or_else(|| named.map(str::to_owned)).unwrap_or_else(|| "file".to_owned());
    let file = File { name, content_type: part.content_type.clone(), content };
    company.upload(about.as_ref(), file, |id| format!("{}/files/{id}", call.base))
}

/// `GET download/{id}` answers the address of the content as text (Intuit docs, Attachable).
pub(super) fn address(company: &Company, call: &Call, id: &str) -> Outcome {
    company.file(id)?;
    Ok(Reply::new(StatusCode::OK, "text/plain;charset=UTF-8", format!("{}/files/{id}", call.base)))
}

/// The content, at the address given; it needs no token, as the vendor's signed addresses do not.
pub(crate) fn file(world: &World, id: &str) -> Reply {
    let company = world.company();
    let Ok(file) = company.file(id) else { return refusal::page(StatusCode::NOT_FOUND) };
    let reply = Reply::new(StatusCode::OK, "application/octet-stream", file.content.to_vec());
    let disposition = format!("attachment; filename=\"{}\"", file.name.replace(['"', '\r', '\n'], "_"));
    reply.with("content-type", &file.content_type).with("content-disposition", &disposition)
}

/// Takes the body apart. Lines may end in LF alone, as python-quickbooks writes them.
fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<Part<'a>> {
    let mark = format!("--{boundary}");
    let starts = positions(body, mark.as_bytes());
    let pieces = starts.iter().zip(starts.iter().skip(1));
    pieces.filter_map(|(from, to)| part(body.get(from + mark.len()..*to)?)).collect()
}

fn part(piece: &[u8]) -> Option<Part<'_>> {
    let piece = after_line_end(piece);
    let (gap, length) = positions(piece, b"\r\n\r\n")
        .first()
        .map(|at| (*at, 4))
        .into_iter()
        .chain(positions(piece, b"\n\n").first().map(|at| (*at, 2)))
        .min()?;
    let mut part = Part { content: before_line_end(piece.get(gap + length..)?), ..Part::default() };
    for line in String::from_utf8_lossy(piece.get(..gap)?).lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "content-disposition" => {
                part.name = quoted(value, "name").unwrap_or_default();
                part.file_name = quoted(value, "filename");
            }
            "content-type" => value.clone_into(&mut part.content_type),
            "content-transfer-encoding" => part.is_base64 = value.eq_ignore_ascii_case("base64"),
            _ => {}
        }
    }
    Some(part)
}

/// The value of a parameter such as `name="file_content_01"`.
fn quoted(header: &str, name: &str) -> Option<String> {
    let parameters = header.split(';').filter_map(|parameter| parameter.trim().split_once('='));
    let found = parameters.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim_matches('"').to_owned())
}

fn positions(body: &[u8], wanted: &[u8]) -> Vec<usize> {
    body.windows(wanted.len()).enumerate().filter(|(_, found)| *found == wanted).map(|(at, _)| at).collect()
}

fn after_line_end(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\r\n").or_else(|| text.strip_prefix(b"\n")).unwrap_or(text)
}

fn before_line_end(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\r\n").or_else(|| text.strip_suffix(b"\n")).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_with_either_line_end() {
        for end in ["\r\n", "\n"] {
            let text = [
                "--B",
                "Content-Disposition: form-data; name=\"file_metadata_01\"",
                "Content-Type: application/json",
                "",
                "{}",
                "--B",
                "Content-Disposition: form-data; name=\"file_content_01\"; filename=\"a.txt\"",
                "Content-Type: text/plain",
                "",
                "one\r\ntwo",
                "--B--",
                "",
            ]
            .join(end);
            let parts = parts(text.as_bytes(), "B");
            assert_eq!(parts.len(), 2);
            assert_eq!((parts[0].name.as_str(), parts[0].content), ("file_metadata_01", &b"{}"[..]));
            assert_eq!(parts[1].file_name.as_deref(), Some("a.txt"));
            assert_eq!(
                (parts[1].content_type.as_str(), parts[1].content),
                ("text/plain", &b"one\r\ntwo"[..])
            );
        }
    }
}
