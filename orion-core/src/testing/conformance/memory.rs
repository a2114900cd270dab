//! Group 16: how much of a long read is held at once.

use std::time::Duration;

use super::{
    Report, Subject,
    bench::{Bench, Stream, Verdict, ensure},
    paging::several,
};

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, stream: &Stream, report: &mut Report) {
    let on = stream.to_string();
    report.add("memory.one_page_is_held_at_a_time", &on, one_page(bench, stream)).await;
}

/// A page that costs no request was in memory; one that costs requests after it was handed out is followed by others nobody asked for.
async fn one_page<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    bench.wired()?;
    let pages = several(bench, &bench.line().await?, stream).await?;
    let line = bench.line().await?;
    let mut query = stream.query().page_size(bench.subject.page_size());
    for number in 1..=pages.len() {
        let before = line.wire.all().len();
        let page = line.page(stream, &query).await?;
        let after = line.wire.all().len();
        ensure!(after > before, "page {number} was held in memory before anybody asked for it");
        tokio::time::sleep(Duration::from_secs(3600)).await;
        let ahead = line.wire.all().len() - after;
        ensure!(ahead == 0, "{ahead} requests are sent after page {number}, which nobody has asked for");
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    Ok(())
}
