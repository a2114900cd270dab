//! How fast the server is by itself: every query page read from a raw socket, nothing parsed.

mod server;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use server::process::Process;

fn main() -> io::Result<()> {
    let records = server::records_wanted();
    if Process::is_this() {
        return server::serve(records);
    }
    let server = Process::start(records)?;
    let mut best = f64::INFINITY;
    let mut bytes = 0;
    for _ in 0..5 {
        let began = Instant::now();
        bytes = read_every_page(server.port, records)?;
        best = best.min(began.elapsed().as_secs_f64());
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
    let rate = records as f64 / best;
    writeln!(
        io::stdout(),
        r#"{{"peer":"raw socket","case":"query","records":{records},"bytes":{bytes},"seconds":{best:.4},"records_per_second":{rate:.0}}}"#
    )
}

fn read_every_page(port: u16, records: usize) -> io::Result<usize> {
    let mut stream = BufReader::with_capacity(1 << 20, TcpStream::connect(("127.0.0.1", port))?);
    let mut body = Vec::new();
    let mut bytes = 0;
    for offset in (0..records).step_by(2_000) {
        let request =
            format!("GET /services/data/v62.0/query/0r8xx-{offset} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
        stream.get_mut().write_all(request.as_bytes())?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        body.resize(length, 0);
        stream.read_exact(&mut body)?;
        bytes += length;
    }
    Ok(bytes)
}
