//! Samples, and where they go.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use orion_core::Result;

use crate::Descriptor;

/// One sample of a metric, borrowed from the event it was made of.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Sample<'a> {
    /// Which metric.
    pub descriptor: &'static Descriptor,
    /// The increment of a counter, the value of a gauge, the observation of a histogram.
    pub value: f64,
    /// The labels' values, in the order of [`Descriptor::labels`].
    pub values: &'a [&'a str],
    /// The vendor's account it is about, where the event says so. Not a label: there may be any number of them.
    pub account: Option<&'a str>,
    /// When it was taken.
    pub at: DateTime<Utc>,
}

impl<'a> Sample<'a> {
    /// The labels, by name.
    pub fn labels(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        self.descriptor.labels.iter().copied().zip(self.values.iter().copied())
    }
}

/// Takes samples. Called inline with the work that is measured: it must be quick and must not block for long.
pub trait Sink: Send + Sync {
    /// Takes one sample.
    fn record(&self, sample: &Sample<'_>);

    /// Writes out what is buffered.
    ///
    /// # Errors
    /// `Storage` if samples could not be kept since the last flush.
    fn flush(&self) -> Result<()> {
        Ok(())
    }
}

impl<S: Sink + ?Sized> Sink for Arc<S> {
    fn record(&self, sample: &Sample<'_>) {
        (**self).record(sample);
    }

    fn flush(&self) -> Result<()> {
        (**self).flush()
    }
}

/// Hands every sample to several sinks.
///
/// ```
/// use std::sync::Arc;
/// use orion_metrics::{FanOut, JsonLinesSink, MemorySink, Metrics};
///
/// let memory = Arc::new(MemorySink::new());
/// let lines = JsonLinesSink::new(std::io::sink());
/// let metrics = Metrics::new(FanOut::new([Arc::clone(&memory) as _, Arc::new(lines) as _]));
/// # let _ = metrics;
/// ```
pub struct FanOut(Vec<Arc<dyn Sink>>);

impl FanOut {
    /// Hands every sample to each of these.
    pub fn new(sinks: impl IntoIterator<Item = Arc<dyn Sink>>) -> Self {
        Self(sinks.into_iter().collect())
    }
}

impl Sink for FanOut {
    fn record(&self, sample: &Sample<'_>) {
        self.0.iter().for_each(|sink| sink.record(sample));
    }

    /// Flushes all of them, and reports the first failure.
    fn flush(&self) -> Result<()> {
        self.0.iter().map(Sink::flush).fold(Ok(()), Result::and)
    }
}

impl fmt::Debug for FanOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FanOut({})", self.0.len())
    }
}

/// Hands on the samples of some metrics only.
pub struct Only<S> {
    inner: S,
    wanted: Vec<&'static Descriptor>,
}

impl<S: Sink> Only<S> {
    /// Hands the samples of `wanted` to `inner`.
    pub fn new(inner: S, wanted: impl IntoIterator<Item = &'static Descriptor>) -> Self {
        Self { inner, wanted: wanted.into_iter().collect() }
    }
}

impl<S: Sink> Sink for Only<S> {
    fn record(&self, sample: &Sample<'_>) {
        if self.wanted.contains(&sample.descriptor) {
            self.inner.record(sample);
        }
    }

    fn flush(&self) -> Result<()> {
        self.inner.flush()
    }
}

impl<S> fmt::Debug for Only<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Only").field(&self.wanted).finish()
    }
}
