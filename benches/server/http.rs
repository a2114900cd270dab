//! Just enough HTTP/1.1: keep-alive, bodies by length or in chunks, replies in slices.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

const BUFFER: usize = 256 * 1024;

/// One request line and the headers that matter.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    body: Body,
}

#[derive(Clone, Copy)]
enum Body {
    Length(u64),
    Chunked,
}

pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream: BufReader::with_capacity(BUFFER, stream) }
    }

    /// The next request's head, or `None` once the client has closed.
    pub(crate) fn read_request(&mut self) -> io::Result<Option<Request>> {
        let first = self.read_line()?;
        if first.is_empty() {
            return Ok(None);
        }
        let mut words = first.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Err(bad("request line"));
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            body: Body::Length(0),
        };
        loop {
            let line = self.read_line()?;
            if line.is_empty() {
                return Ok(Some(request));
            }
            let Some((name, value)) = line.split_once(':') else { return Err(bad("header")) };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => {
                    request.body = Body::Length(value.trim().parse().map_err(|_| bad("content-length"))?);
                }
                "transfer-encoding" => request.body = Body::Chunked,
                "content-encoding" => return Err(bad("content-encoding")),
                _ => {}
            }
        }
    }

    /// Hands the body to `take`, piece by piece.
    pub(crate) fn read_body(&mut self, request: &Request, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        match request.body {
            Body::Length(length) => self.read_exactly(length, &mut take),
            Body::Chunked => loop {
                let line = self.read_line()?;
                let size = line.split(';').next().unwrap_or_default().trim();
                let size = u64::from_str_radix(size, 16).map_err(|_| bad("chunk size"))?;
                self.read_exactly(size, &mut take)?;
                self.read_line()?;
                if size == 0 {
                    return Ok(());
                }
            },
        }
    }

    pub(crate) fn skip_body(&mut self, request: &Request) -> io::Result<()> {
        self.read_body(request, |_| {})
    }

    fn read_exactly(&mut self, mut length: u64, take: &mut impl FnMut(&[u8])) -> io::Result<()> {
        while length > 0 {
            let piece = self.stream.fill_buf()?;
            if piece.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let used = piece.len().min(usize::try_from(length).unwrap_or(usize::MAX));
            take(&piece[..used]);
            self.stream.consume(used);
            length -= used as u64;
        }
        Ok(())
    }

    fn read_line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.stream.by_ref().take(64 * 1024).read_line(&mut line)?;
        line.truncate(line.trim_end_matches(['\r', '\n']).len());
        Ok(line)
    }

    /// Sends a reply whose body is these slices, one after the other.
    pub(crate) fn reply(&mut self, status: u16, content_type: &str, body: &[&[u8]]) -> io::Result<()> {
        let length: usize = body.iter().map(|part| part.len()).sum();
        let head = format!(
            "HTTP/1.1 {status} OK\r\ncontent-type: {content_type};charset=UTF-8\r\ncontent-length: {length}\r\n\
             sforce-limit-info: api-usage=1/100000\r\n\r\n"
        );
        let stream = self.stream.get_mut();
        match body {
            [small] if small.len() < 4096 => stream.write_all(&[head.as_bytes(), small].concat()),
            parts => {
                stream.write_all(head.as_bytes())?;
                parts.iter().try_for_each(|part| stream.write_all(part))
            }
        }
    }
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("unsupported {what}"))
}
