//! A sink that writes lines.

use std::{
    fmt,
    io::{self, BufWriter, Write},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use orion_core::{Error, ErrorKind, Result};
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{Form, Sample, Sink, Unit};

/// A sink that appends each sample to a writer as one JSON object a line.
///
/// | field | what |
/// | --- | --- |
/// | `at` | when, RFC 3339 |
/// | `name` | the metric's name |
/// | `type` | `counter`, `gauge` or `histogram` |
/// | `unit` | `count` or `seconds` |
/// | `value` | the increment of a counter, the value of a gauge, the observation of a histogram |
/// | `labels` | the labels, by name |
/// | `account` | the vendor's account, where the event says so |
///
/// Lines are buffered; [`flush`](Sink::flush) writes them out, and so does dropping the sink. A sample that cannot be written is counted
/// and reported by the next flush: observing never fails the work that is observed.
///
/// ```
/// use orion_core::observe::{Event, Observers};
/// use orion_metrics::{JsonLinesSink, Metrics};
///
/// let path = std::env::temp_dir().join("orion-metrics-doc.jsonl");
/// {
///     let sink = JsonLinesSink::new(std::fs::File::create(&path)?);
///     let observers = Observers::one(Metrics::new(sink));
///     observers.emit(&Event::Quota { adapter: "acme", name: "day", used: 7, limit: 10 });
/// }
/// let lines = std::fs::read_to_string(&path)?;
/// assert!(lines.contains(r#""name":"orion_quota_used","type":"gauge","unit":"count","value":7.0,"labels":{"adapter":"acme","quota":"day"}"#));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct JsonLinesSink<W: Write + Send>(Mutex<State<W>>);

struct State<W: Write> {
    writer: BufWriter<W>,
    lost: u64,
    failure: Option<io::Error>,
}

#[derive(Serialize)]
struct Line<'a> {
    at: DateTime<Utc>,
    name: &'static str,
    r#type: Form,
    unit: Unit,
    value: f64,
    labels: Labels<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
}

struct Labels<'a>(&'a Sample<'a>);

impl Serialize for Labels<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.values.len()))?;
        for (name, value) in self.0.labels() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<W: Write + Send> JsonLinesSink<W> {
    /// Writes to `writer`; a file is opened for appending by the caller.
    pub fn new(writer: W) -> Self {
        Self(Mutex::new(State { writer: BufWriter::new(writer), lost: 0, failure: None }))
    }

    fn lock(&self) -> MutexGuard<'_, State<W>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Write + Send> Sink for JsonLinesSink<W> {
    fn record(&self, sample: &Sample<'_>) {
        let line = Line {
            at: sample.at,
            name: sample.descriptor.name,
            r#type: sample.descriptor.form,
            unit: sample.descriptor.unit,
            value: sample.value,
            labels: Labels(sample),
            account: sample.account,
        };
        let mut state = self.lock();
        let line = serde_json::to_vec(&line).map_err(io::Error::from).and_then(|mut line| {
            line.push(b'\n');
            state.writer.write_all(&line)
        });
        if let Err(failure) = line {
            state.lost += 1;
            state.failure.get_or_insert(failure);
        }
    }

    fn flush(&self) -> Result<()> {
        let mut state = self.lock();
        let flushed = state.writer.flush();
        let lost = std::mem::take(&mut state.lost);
        let Some(failure) = state.failure.take().or(flushed.err()) else { return Ok(()) };
        let message = format!("samples could not be written ({lost} are lost for certain)");
        Err(Error::new(ErrorKind::Storage, message).with_source(failure))
    }
}

impl<W: Write + Send> fmt::Debug for JsonLinesSink<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLinesSink").field("lost", &self.lock().lost).finish_non_exhaustive()
    }
}
