//! A server that is not the limit: every reply is rendered before the first request comes.
//!
//! It speaks as much of Salesforce as a client needs to read 100,000 accounts (`query`, `queryMore`), to log in and to
//! upload bulk jobs, lists the same accounts as a plain REST collection, and speaks as much of QuickBooks as a query of
//! customers needs. It runs in a process of its own, so that a
//! client's CPU time and memory are the client's alone.
#![allow(dead_code, reason = "each benchmark uses a part of what they share")]

mod accounts;
mod customers;
mod http;
mod ingest;
pub(crate) mod process;
mod rest;

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use accounts::Accounts;
use customers::Customers;
use http::{Connection, Request};
use ingest::Jobs;

/// What every connection shares.
struct World {
    accounts: Accounts,
    customers: Customers,
    jobs: Jobs,
    base_url: String,
}

/// The number that follows `--records` in the arguments, or 100,000.
pub(crate) fn records_wanted() -> usize {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--records");
    arguments.nth(1).and_then(|number| number.parse().ok()).unwrap_or(100_000)
}

/// Serves until standard input closes. Prints one JSON line with the port first.
pub(crate) fn serve(records: usize) -> io::Result<()> {
    let accounts = Accounts::render(records);
    let customers = Customers::render(records);
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    let base_url = format!("http://127.0.0.1:{port}");
    writeln!(
        io::stdout(),
        r#"{{"port":{port},"base_url":"{base_url}","records":{records},"json_bytes":{},"customer_bytes":{}}}"#,
        accounts.bytes(),
        customers.bytes()
    )?;
    io::stdout().flush()?;
    let world = Arc::new(World { accounts, customers, jobs: Jobs::default(), base_url });
    thread::spawn(move || accept(&listener, &world));
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn accept(listener: &TcpListener, world: &Arc<World>) {
    for stream in listener.incoming().flatten() {
        let world = Arc::clone(world);
        thread::spawn(move || {
            // A client that goes away mid-request is no concern of the others.
            let _ended = converse(stream, &world);
        });
    }
}

fn converse(stream: TcpStream, world: &World) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut connection = Connection::new(stream);
    while let Some(request) = connection.read_request()? {
        answer(&mut connection, &request, world)?;
    }
    Ok(())
}

fn answer(connection: &mut Connection, request: &Request, world: &World) -> io::Result<()> {
    let parts: Vec<&str> = request.path.split('/').filter(|part| !part.is_empty()).collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["services", "data", version, "query" | "queryAll", cursor @ ..]) => {
            rest::query_page(connection, &world.accounts, version, cursor.first().copied())
        }
        (_, ["v3", "company", _, "query"]) => customers::query_page(connection, request, &world.customers),
        ("GET", ["rest", "accounts"]) => {
            rest::list_page(connection, &world.accounts, &world.base_url, &request.query)
        }
        (_, ["services", "data", version, "jobs", "ingest", job @ ..]) => {
            ingest::answer(connection, request, &world.jobs, version, job)
        }
        ("POST", ["services", "oauth2", "token"]) => {
            connection.skip_body(request)?;
            connection.reply(200, "application/json", &[rest::token(&world.base_url).as_bytes()])
        }
        _ => {
            writeln!(io::stderr(), "not served: {} {}", request.method, request.path)?;
            connection.skip_body(request)?;
            let body = br#"[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]"#;
            connection.reply(404, "application/json", &[body])
        }
    }
}
