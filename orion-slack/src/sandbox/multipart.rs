//! Bodies of `multipart/form-data`, as Node's client sends files.

use bytes::Bytes;
use orion_core::sandbox::Call;

/// One part of a form.
#[derive(Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) name: String,
    /// Set for a file.
    pub(crate) filename: Option<String>,
    pub(crate) body: Bytes,
}

impl Part {
    /// The part as a field of a form; none if it is a file.
    pub(crate) fn into_field(self) -> Option<(String, String)> {
        let body = self.filename.is_none().then(|| String::from_utf8(self.body.to_vec()).ok())??;
        Some((self.name, body))
    }
}

/// Takes the body apart; `None` if it is not what its header says.
pub(crate) fn parse(call: &Call) -> Option<Vec<Part>> {
    let boundary = parameter(call.header("content-type")?, "boundary")?;
    let delimiter = format!("--{boundary}");
    let body = &call.body;
    let mut parts = Vec::new();
    let mut at = find(body, delimiter.as_bytes(), 0)? + delimiter.len();
    while !body.get(at..)?.starts_with(b"--") {
        let head = at + 2;
        let blank = find(body, b"\r\n\r\n", head.saturating_sub(2))?;
        let end = find(body, format!("\r\n{delimiter}").as_bytes(), blank)?;
        let headers = String::from_utf8_lossy(body.get(head..blank.max(head))?).into_owned();
        parts.push(part(&headers, body.slice((blank + 4).min(end)..end))?);
        at = end + 2 + delimiter.len();
    }
    Some(parts)
}

fn part(headers: &str, body: Bytes) -> Option<Part> {
    let disposition =
        headers.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let name = parameter(disposition, "name")?;
    Some(Part { name, filename: parameter(disposition, "filename"), body })
}

/// A parameter of a header, without its quotes.
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut parameters = header.split(';').map(str::trim);
    let value = parameters.find_map(|one| one.strip_prefix(name)?.strip_prefix('='))?;
    Some(value.trim_matches('"').to_owned())
}

fn find(body: &[u8], what: &[u8], from: usize) -> Option<usize> {
    let tail = body.get(from..)?;
    tail.windows(what.len()).position(|window| window == what).map(|at| at + from)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method};

    use super::*;

    fn call(body: &'static str) -> Call {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("multipart/form-data; boundary=x1"));
        Call::new(Method::POST, "/upload", headers, Bytes::from_static(body.as_bytes()), "http://h")
    }

    #[test]
    fn fields_and_files_are_told_apart() {
        let body = "--x1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
                    --x1\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n.txt\"\r\n\
                    Content-Type: text/plain\r\n\r\nl1\r\nl2\r\n--x1--\r\n";
        let parts = parse(&call(body)).unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!((parts[0].name.as_str(), &parts[0].body[..]), ("a", &b"1"[..]));
        assert_eq!((parts[1].filename.as_deref(), &parts[1].body[..]), (Some("n.txt"), &b"l1\r\nl2"[..]));
    }

    #[test]
    fn a_body_without_its_end_is_refused() {
        assert_eq!(parse(&call("--x1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1")), None);
        assert_eq!(parse(&call("nothing")), None);
    }
}
