//! The read side: Salesforce query pages, the plain REST list, a token.

use std::io;

use super::accounts::{Accounts, CHUNK};
use super::http::Connection;

/// Records in one query page.
const PAGE: usize = 2 * CHUNK;

/// One page of `SELECT … FROM Account`, whatever the SOQL; `cursor` is `LOCATOR-OFFSET`.
pub(crate) fn query_page(
    connection: &mut Connection,
    accounts: &Accounts,
    version: &str,
    cursor: Option<&str>,
) -> io::Result<()> {
    let offset: usize = cursor.and_then(|cursor| cursor.rsplit_once('-')?.1.parse().ok()).unwrap_or(0);
    let total = accounts.count();
    let next = offset + PAGE;
    let head = if next < total {
        format!(
            r#"{{"totalSize":{total},"done":false,"nextRecordsUrl":"/services/data/{version}/query/0r8xx2ZkMmF1dGhBAQ-{next}","records":["#
        )
    } else {
        format!(r#"{{"totalSize":{total},"done":true,"records":["#)
    };
    let (first, second) = (accounts.chunk(offset / CHUNK), accounts.chunk(offset / CHUNK + 1));
    let comma: &[u8] = if second.is_empty() { b"" } else { b"," };
    connection.reply(200, "application/json", &[head.as_bytes(), first, comma, second, b"]}"])
}

/// One page of the plain list: `{"data": […], "next": URL or null}`, 1,000 records, `page` from 1.
pub(crate) fn list_page(
    connection: &mut Connection,
    accounts: &Accounts,
    base_url: &str,
    query: &str,
) -> io::Result<()> {
    let page =
        query.split('&').find_map(|pair| pair.strip_prefix("page=")?.parse().ok()).unwrap_or(1_usize).max(1);
    let tail = if page * CHUNK < accounts.count() {
        format!(r#"],"next":"{base_url}/rest/accounts?page={}"}}"#, page + 1)
    } else {
        r#"],"next":null}"#.to_owned()
    };
    connection.reply(200, "application/json", &[br#"{"data":["#, accounts.chunk(page - 1), tail.as_bytes()])
}

pub(crate) fn token(base_url: &str) -> String {
    format!(
        r#"{{"access_token":"00Dxx0000000001!bench","instance_url":"{base_url}","id":"{base_url}/id/00Dxx0000000001EAA/005xx0000000001AAA","token_type":"Bearer","issued_at":"1767225600000","signature":"bench","scope":"api"}}"#
    )
}
