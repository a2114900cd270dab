//! Bulk API 2.0 ingest jobs that take any CSV, succeed at once and echo every row in `successfulResults`.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::accounts::id;
use super::http::{Connection, Request};

/// One job.
#[derive(Default)]
struct Job {
    number: usize,
    closed: bool,
    rows: usize,
    header: Vec<u8>,
    /// `successfulResults`, rendered while the upload comes in.
    successful: Vec<u8>,
}

#[derive(Default)]
pub(crate) struct Jobs {
    jobs: Mutex<HashMap<String, Arc<Mutex<Job>>>>,
}

impl Jobs {
    fn create(&self) -> (String, Arc<Mutex<Job>>) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let number = jobs.len() + 1;
        let (name, job) = (id("750xx", number), Arc::new(Mutex::new(Job { number, ..Job::default() })));
        jobs.insert(name.clone(), Arc::clone(&job));
        (name, job)
    }

    fn get(&self, name: &str) -> Option<Arc<Mutex<Job>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).get(name).map(Arc::clone)
    }
}

pub(crate) fn answer(
    connection: &mut Connection,
    request: &Request,
    jobs: &Jobs,
    version: &str,
    parts: &[&str],
) -> io::Result<()> {
    if let ("POST", []) = (request.method.as_str(), parts) {
        connection.skip_body(request)?;
        let (name, job) = jobs.create();
        let job = job.lock().unwrap_or_else(PoisonError::into_inner);
        return connection.reply(200, "application/json", &[info(&name, &job, version).as_bytes()]);
    }
    let Some((name, job)) = parts.first().and_then(|name| Some((*name, jobs.get(name)?))) else {
        connection.skip_body(request)?;
        return connection.reply(
            404,
            "application/json",
            &[br#"[{"errorCode":"NOT_FOUND","message":"no such job"}]"#],
        );
    };
    let mut job = job.lock().unwrap_or_else(PoisonError::into_inner);
    let json = "application/json";
    match (request.method.as_str(), parts.get(1).copied()) {
        ("PUT", Some("batches")) => {
            let mut upload = Upload::new(&mut job);
            connection.read_body(request, |piece| upload.take(piece))?;
            upload.finish();
            connection.reply(201, json, &[])
        }
        ("GET", Some("successfulResults")) => {
            let (header, rows) = (&job.header, &job.successful);
            connection.reply(200, "text/csv", &[b"sf__Id,sf__Created,", header, rows])
        }
        ("GET", Some("failedResults")) => {
            connection.reply(200, "text/csv", &[b"sf__Id,sf__Error,", &job.header])
        }
        ("GET", Some(_)) => connection.reply(200, "text/csv", &[&job.header]),
        ("DELETE", None) => {
            (job.successful, job.header) = (Vec::new(), Vec::new());
            connection.reply(204, json, &[])
        }
        (method, _) => {
            connection.skip_body(request)?;
            // The only PATCH that a benchmark sends is `UploadComplete`.
            job.closed |= method == "PATCH";
            connection.reply(200, json, &[info(name, &job, version).as_bytes()])
        }
    }
}

fn info(name: &str, job: &Job, version: &str) -> String {
    let state = if job.closed { "JobComplete" } else { "Open" };
    let number = version.trim_start_matches('v');
    format!(
        r#"{{"id":"{name}","operation":"insert","object":"Account","createdById":"005xx0000000001AAA","createdDate":"2026-01-01T00:00:00.000+0000","systemModstamp":"2026-01-01T00:00:00.000+0000","state":"{state}","concurrencyMode":"Parallel","contentType":"CSV","apiVersion":{number},"contentUrl":"services/data/{version}/jobs/ingest/{name}/batches","lineEnding":"LF","columnDelimiter":"COMMA","jobType":"V2Ingest","numberRecordsProcessed":{rows},"numberRecordsFailed":0,"retries":0,"totalProcessingTime":1,"apiActiveProcessingTime":1,"apexProcessingTime":0}}"#,
        rows = job.rows
    )
}

/// Cuts the upload into CSV records, wherever the pieces end.
struct Upload<'a> {
    job: &'a mut Job,
    record: Vec<u8>,
    quoted: bool,
}

impl<'a> Upload<'a> {
    fn new(job: &'a mut Job) -> Self {
        Self { job, record: Vec::new(), quoted: false }
    }

    fn take(&mut self, piece: &[u8]) {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            self.record.extend_from_slice(part);
            // A doubled quote toggles twice, so that parity tells whether the line end is inside a cell.
            self.quoted ^= part.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
            if part.ends_with(b"\n") && !self.quoted {
                self.end_record();
            }
        }
    }

    fn finish(&mut self) {
        if !self.record.is_empty() {
            self.record.push(b'\n');
            self.end_record();
        }
    }

    fn end_record(&mut self) {
        if self.job.header.is_empty() {
            self.job.header.append(&mut self.record);
            return;
        }
        self.job
            .successful
            .extend_from_slice(id("001yy", self.job.number * 10_000_000 + self.job.rows).as_bytes());
        self.job.successful.extend_from_slice(b",true,");
        self.job.successful.append(&mut self.record);
        self.job.rows += 1;
    }
}
