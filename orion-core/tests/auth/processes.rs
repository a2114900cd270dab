//! Two processes that share a store: this test program starts itself twice.

use std::{
    io,
    process::{Command, Stdio},
    sync::Arc,
};

use futures::future::join_all;
use http::{HeaderName, HeaderValue, Method};
use orion_core::{
    Clock,
    auth::TokenStore,
    http::{Client, Http, Request},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Barrier,
};

use crate::{
    places,
    vendor::{self, Fate, Vendor, key, url},
};

const CHILD: &str = "processes::a_process_of_its_own";
const SERVER: &str = "ORION_TEST_AUTH_SERVER";
const STORE: &str = "ORION_TEST_AUTH_STORE";
const CALLS: usize = 50;

/// Serves the vendor; `/ready` is answered once both processes asked for it.
async fn serve(vendor: Vendor) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    let (at, both) = (base.clone(), Arc::new(Barrier::new(2)));
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let (vendor, at, both) = (vendor.clone(), at.clone(), Arc::clone(&both));
            tokio::spawn(async move { drop(exchange(connection, &vendor, &at, &both).await) });
        }
    });
    base
}

async fn exchange(connection: TcpStream, vendor: &Vendor, base: &str, both: &Barrier) -> io::Result<()> {
    let mut connection = BufReader::new(connection);
    let request = read(&mut connection, base).await?;
    let (status, body) = if request.url.path() == "/ready" {
        both.wait().await;
        (200, b"{}".to_vec().into())
    } else {
        let response = vendor.carry(request, Fate::Answered).await.unwrap();
        (response.status.as_u16(), response.bytes().await.unwrap())
    };
    let head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    connection.write_all(head.as_bytes()).await?;
    connection.write_all(&body).await?;
    connection.shutdown().await
}

async fn read(connection: &mut BufReader<TcpStream>, base: &str) -> io::Result<Request> {
    let mut line = String::new();
    connection.read_line(&mut line).await?;
    let mut words = line.split(' ');
    let method: Method = words.next().unwrap().parse().unwrap();
    let mut request = Request::new(method, url(base).join(words.next().unwrap()).unwrap(), "served");
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        let name: HeaderName = name.parse().unwrap();
        request.headers.insert(name, HeaderValue::from_str(value).unwrap());
    }
    let length = request.headers.get("content-length").map_or("0", |length| length.to_str().unwrap());
    let mut body = vec![0; length.parse().unwrap()];
    connection.read_exact(&mut body).await?;
    request.body = body.into();
    Ok(request)
}

async fn open(store: &str) -> Arc<dyn TokenStore> {
    match store.split_once('|').unwrap() {
        #[cfg(feature = "file-store")]
        ("file", path) => Arc::new(places::file_store(path, 1)),
        (_, url) => Arc::new(places::sql_store(url, Some(1)).await),
    }
}

#[expect(clippy::disallowed_methods, reason = "a test tells its other process where things are")]
fn told(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[test]
#[ignore = "the other process of the tests below, which start it"]
fn a_process_of_its_own() {
    let (Some(server), Some(store)) = (told(SERVER), told(STORE)) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(async {
        let http = Http::new().unwrap();
        let session =
            vendor::session(&server, &Clock::system(), http.clone()).store(open(&store).await).build();
        let client = Client::builder("acme", url(&server), http).authorize(Arc::new(session.clone())).build();
        client.get("/ready", "ready").anonymous().send().await.unwrap();
        let calls = (0..CALLS).map(|_| client.get("/resource", "resource").send());
        for result in join_all(calls).await {
            result.unwrap();
        }
        session.settled().await;
    });
}

async fn two_processes_refresh_once(store: String) {
    let vendor = Vendor::new();
    open(&store).await.swap(&key(), None, &vendor.stale_tokens()).await.unwrap();
    let server = serve(vendor.clone()).await;
    let start = || {
        Command::new(std::env::current_exe().unwrap())
            .args([CHILD, "--exact", "--ignored", "--nocapture"])
            .env(SERVER, &server)
            .env(STORE, &store)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let processes = [start(), start()];
    for process in processes {
        let output = tokio::task::spawn_blocking(|| process.wait_with_output()).await.unwrap().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    }
    assert_eq!((vendor.asked(), vendor.generation()), (1, 1));
    assert!(vendor.calls() as usize >= 2 * CALLS);
}

#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_that_share_sqlite_refresh_once() {
    let folder = places::Folder::new();
    two_processes_refresh_once(format!("sql|{}", folder.path("tokens.db"))).await;
}

#[cfg(feature = "file-store")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_that_share_a_file_refresh_once() {
    let folder = places::Folder::new();
    two_processes_refresh_once(format!("file|{}", folder.path("tokens"))).await;
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_that_share_postgres_refresh_once() {
    let Some(database) = places::Postgres::create().await else { return };
    two_processes_refresh_once(format!("sql|{}", database.url)).await;
    database.remove().await;
}
