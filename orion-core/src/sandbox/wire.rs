//! The last step before the socket: compression, and bodies that end too early.

use std::io::{self, Read as _, Write as _};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use futures::stream;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{HeaderMap, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;

use super::call::Call;
use super::reply::Reply;

/// Bodies above this are compressed when the client accepts it.
const COMPRESS_FROM: usize = 1024;

/// The largest body a compressed request may become.
const MAX_INFLATED: u64 = 512 * 1024 * 1024;

pub(crate) type Body = BoxBody<Bytes, io::Error>;

/// Undoes `Content-Encoding: gzip`; a body that is not what it says stays as it came.
pub(crate) fn inflated(headers: &HeaderMap, body: Bytes) -> Bytes {
    if headers.get("content-encoding").is_none_or(|encoding| encoding != "gzip") {
        return body;
    }
    let mut plain = Vec::new();
    match MultiGzDecoder::new(&body[..]).take(MAX_INFLATED).read_to_end(&mut plain) {
        Ok(_) => plain.into(),
        Err(_) => body,
    }
}

/// Compresses a reply's body if the request accepts it.
pub(crate) fn encoded(call: &Call, mut reply: Reply) -> Reply {
    let accepts = call.header("accept-encoding").is_some_and(accepts_gzip);
    if !accepts || reply.body.len() <= COMPRESS_FROM {
        return reply;
    }
    match gzip(&reply.body) {
        Ok(bytes) => {
            reply.body = bytes.into();
            reply.with("content-encoding", "gzip").with("vary", "Accept-Encoding")
        }
        Err(_) => reply,
    }
}

fn accepts_gzip(header: &str) -> bool {
    header.split(',').any(|item| {
        let (coding, quality) = item.split_once(';').unwrap_or((item, ""));
        let refused = quality.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
        matches!(coding.trim(), "gzip" | "*") && !refused
    })
}

fn gzip(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

/// Frames a reply. With `cut` the connection breaks after half of the announced body.
pub(crate) fn respond(reply: Reply, cut: bool) -> io::Result<Response<Body>> {
    let whole = reply.body.len();
    if cut && whole == 0 {
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    let body = if cut { halved(&reply.body) } else { full(reply.body) };
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    response.headers_mut().extend(reply.headers);
    if cut {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(whole));
    }
    Ok(response)
}

fn full(body: Bytes) -> Body {
    Full::new(body).map_err(|never| match never {}).boxed()
}

/// Half of the body, a pause for it to leave, then an error.
fn halved(body: &Bytes) -> Body {
    let half = body.slice(..body.len() / 2);
    let steps = stream::unfold(Some(half), |state| async move {
        if let Some(half) = state {
            return Some((Ok(Frame::data(half)), None));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        Some((Err(io::ErrorKind::ConnectionReset.into()), None))
    });
    StreamBody::new(steps).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_accepted_unless_refused() {
        for (header, accepted) in [
            ("gzip, deflate", true),
            ("deflate, gzip;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("identity", false),
        ] {
            assert_eq!(accepts_gzip(header), accepted, "{header}");
        }
    }
}
