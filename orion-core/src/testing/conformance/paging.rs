//! Group 5: pages, and the cursors between them.

use std::collections::BTreeSet;

use super::{
    Report, Status, Subject,
    bench::{Bench, Line, Stop, Stream, Verdict, ensure, failed, ids, not_declared, snapshot},
    wire::Act,
};
use crate::{Cursor, ErrorKind, Page};

pub(super) type Pages = Vec<Page<serde_json::Value>>;

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, stream: &Stream, report: &mut Report) {
    let on = stream.to_string();
    report.add("pagination.pages_terminate", &on, pages_terminate(bench, stream)).await;
    report.add("pagination.page_size_changes_nothing", &on, page_size(bench, stream)).await;
    report.add("pagination.cursors_resume_anywhere", &on, cursors_resume(bench, stream)).await;
    report.add("pagination.a_page_can_be_read_again", &on, page_again(bench, stream)).await;
    report.add("pagination.repeated_cursor_is_refused", &on, repeated_cursor(bench, stream)).await;
    report.add("pagination.unknown_cursor_is_refused", &on, unknown_cursor(bench, stream)).await;
    report.add("pagination.foreign_cursor_gets_no_credentials", &on, foreign_cursor(bench, stream)).await;
}

/// Nothing above says anything about an adapter whose every object fits on one page.
pub(super) fn some_stream_has_pages(report: &mut Report) {
    let paged =
        |row: &super::Row| row.check == "pagination.cursors_resume_anywhere" && row.status == Status::Passed;
    let reads = report.rows.iter().any(|row| row.check == "pagination.pages_terminate");
    if reads && !report.rows.iter().any(paged) {
        let why = "no object took three pages: put more records there, or lower `page_size`";
        report.note("pagination.some_object_has_pages", "", failed(why));
    }
}

pub(super) async fn small_pages<S: Subject>(
    bench: &Bench<'_, S>,
    line: &Line,
    stream: &Stream,
) -> Verdict<Pages> {
    line.pages(stream, stream.query().page_size(bench.subject.page_size())).await
}

/// Small pages, if there are three or more.
pub(super) async fn several<S: Subject>(
    bench: &Bench<'_, S>,
    line: &Line,
    stream: &Stream,
) -> Verdict<Pages> {
    let pages = small_pages(bench, line, stream).await?;
    if pages.len() < 3 { not_declared("the object fits on two pages") } else { Ok(pages) }
}

fn all_ids(pages: &[Page<serde_json::Value>]) -> Vec<&str> {
    pages.iter().flat_map(|page| ids(&page.changes)).collect()
}

async fn pages_terminate<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let pages = small_pages(bench, &line, stream).await?;
    let ids = all_ids(&pages);
    let unique: BTreeSet<_> = ids.iter().collect();
    ensure!(unique.len() == ids.len(), "{} of {} records come twice", ids.len() - unique.len(), ids.len());
    Ok(())
}

async fn page_size<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let small = small_pages(bench, &line, stream).await?;
    let whole = line.pages(stream, stream.query()).await?;
    let (small, whole) = (all_ids(&small), all_ids(&whole));
    ensure!(
        small == whole,
        "{} records in small pages, {} in pages of the default size, or another order",
        small.len(),
        whole.len()
    );
    Ok(())
}

async fn cursors_resume<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let pages = several(bench, &bench.line().await?, stream).await?;
    // The first three and the last: every one would square the number of requests.
    let chosen = (0..pages.len() - 1).filter(|at| *at < 3 || *at == pages.len() - 2);
    for at in chosen {
        let query = stream.query().page_size(bench.subject.page_size()).cursor(pages[at].next.clone());
        let rest = bench.line().await?.pages(stream, query).await?;
        ensure!(
            all_ids(&rest) == all_ids(&pages[at + 1..]),
            "another connection that goes on after page {} reads something else",
            at + 1
        );
    }
    Ok(())
}

async fn page_again<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let pages = several(bench, &line, stream).await?;
    let query = stream.query().page_size(bench.subject.page_size()).cursor(pages[0].next.clone());
    for _ in 0..2 {
        let again = line.page(stream, &query).await?;
        ensure!(
            snapshot(&again.changes) == snapshot(&pages[1].changes),
            "page 2 differs when it is read again"
        );
    }
    Ok(())
}

/// A server that answers every page with the same one: the read has to end, or the cursor to repeat, which ends it.
async fn repeated_cursor<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    bench.wired()?;
    let line = bench.line().await?;
    let pages = several(bench, &line, stream).await?;
    let mut query = stream.query().page_size(bench.subject.page_size()).cursor(pages[0].next.clone());
    line.wire.plan(|_| Act::Keep);
    let before = line.wire.calls().len();
    query.cursor = line.page(stream, &query).await?.next;
    if line.wire.calls().len() != before + 1 {
        return not_declared("a page takes several requests");
    }
    line.wire.plan(|_| Act::Kept);
    for _ in 0..3 {
        match line.page(stream, &query).await {
            Ok(page) if page.next.is_some() && page.next != query.cursor => query.cursor = page.next,
            Ok(_) => return Ok(()),
            Err(error) => {
                ensure!(error.kind() != ErrorKind::Cancelled, "the adapter follows the cursor for ever");
                return Ok(());
            }
        }
    }
    not_declared("the cursor is the adapter's own, not the server's")
}

async fn unknown_cursor<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let query = stream.query().cursor(Some(Cursor::new("orion-no-such-cursor")));
    match bench.line().await?.page(stream, &query).await {
        Ok(page) => failed(format!("it reads {} records at a cursor that nobody made", page.changes.len())),
        Err(error) if matches!(error.kind(), ErrorKind::Auth | ErrorKind::Cancelled) => {
            Err(Stop::from(error))
        }
        Err(_) => Ok(()),
    }
}

async fn foreign_cursor<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    bench.wired()?;
    let line = bench.line().await?;
    line.page(stream, &stream.query()).await?;
    let ours: BTreeSet<String> =
        line.wire.all().iter().filter_map(|seen| seen.url.host_str().map(str::to_owned)).collect();
    for cursor in
        ["https://attacker.invalid/next", "//attacker.invalid/next", "https://attacker.invalid@next"]
    {
        let query = stream.query().cursor(Some(Cursor::new(cursor)));
        let answer = line.page(stream, &query).await;
        ensure!(answer.is_err(), "it reads on at an address of somebody else's");
    }
    let leaked = line.wire.all().into_iter().find(|seen| {
        let foreign = seen.url.host_str().is_none_or(|host| !ours.contains(host));
        foreign && (seen.has_header("authorization") || seen.has_header("cookie"))
    });
    ensure!(leaked.is_none(), "credentials went to another host");
    Ok(())
}
