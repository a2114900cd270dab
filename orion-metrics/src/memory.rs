//! A sink that keeps sums.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Serialize, Serializer};
use sketches_ddsketch::{Config, DDSketch};

use crate::{Descriptor, Form, Sample, Sink};

/// A sink that keeps, for each series, the sum, the last value or the distribution.
///
/// Quantiles are right to one per cent. Memory grows with the number of series, which is bounded, and not with the number of samples; the
/// account of a sample is not kept apart.
#[derive(Default)]
pub struct MemorySink(Mutex<BTreeMap<Key, Kept>>);

/// A metric, and the values of its labels.
type Key = (&'static str, Vec<Box<str>>);

struct Kept {
    descriptor: &'static Descriptor,
    value: State,
}

enum State {
    Sum(f64),
    Last(f64),
    Spread(Box<DDSketch>),
}

/// What was observed of a distribution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// How many observations.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// The least.
    pub min: f64,
    /// The median.
    pub p50: f64,
    /// The value that 95 of 100 do not exceed.
    pub p95: f64,
    /// The value that 99 of 100 do not exceed.
    pub p99: f64,
    /// The greatest.
    pub max: f64,
}

/// The value of a series.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Value {
    /// The sum of a counter.
    Counter(f64),
    /// The last value of a gauge.
    Gauge(f64),
    /// What was observed of a histogram.
    Histogram(Summary),
}

/// One metric with one set of labels.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Series {
    /// Which metric.
    #[serde(rename = "name", serialize_with = "name")]
    pub descriptor: &'static Descriptor,
    /// The labels, by name.
    pub labels: BTreeMap<&'static str, Box<str>>,
    /// Where it stands.
    pub value: Value,
}

fn name<S: Serializer>(descriptor: &&'static Descriptor, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(descriptor.name)
}

/// Every series at one moment, sorted by name and labels.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct Snapshot {
    /// The series.
    pub series: Vec<Series>,
}

impl MemorySink {
    /// A sink that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Every series as it stands.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let series = |((_, values), kept): (&Key, &Kept)| Series {
            descriptor: kept.descriptor,
            labels: kept.descriptor.labels.iter().copied().zip(values.iter().cloned()).collect(),
            value: kept.value.read(),
        };
        Snapshot { series: self.lock().iter().map(series).collect() }
    }

    /// The sum of a counter over every series with these labels, whatever its others.
    #[must_use]
    pub fn sum(&self, counter: &'static Descriptor, labels: &[(&str, &str)]) -> f64 {
        let sum = |value: &State| if let State::Sum(sum) = value { *sum } else { 0.0 };
        // `sum()` of nothing is -0.0.
        self.find(counter, labels, |found| found.map(sum).fold(0.0, |a, b| a + b))
    }

    /// The value of a gauge: of the first series with these labels.
    #[must_use]
    pub fn last(&self, gauge: &'static Descriptor, labels: &[(&str, &str)]) -> Option<f64> {
        let last = |value: &State| if let State::Last(last) = value { Some(*last) } else { None };
        self.find(gauge, labels, |mut found| Iterator::find_map(&mut found, last))
    }

    /// What was observed of a histogram, over every series with these labels, whatever its others.
    #[must_use]
    pub fn summary(&self, histogram: &'static Descriptor, labels: &[(&str, &str)]) -> Summary {
        let mut merged = sketch();
        self.find(histogram, labels, |found| {
            for value in found {
                if let State::Spread(spread) = value {
                    // Sketches of one configuration always merge.
                    merged.merge(spread).ok();
                }
            }
        });
        summary(&merged)
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn find<T>(
        &self,
        descriptor: &'static Descriptor,
        labels: &[(&str, &str)],
        read: impl FnOnce(&mut dyn Iterator<Item = &State>) -> T,
    ) -> T {
        let series = self.lock();
        let wanted = |(_, values): &Key| {
            labels.iter().all(|(name, value)| {
                let at = descriptor.labels.iter().position(|label| label == name);
                at.and_then(|at| values.get(at)).is_some_and(|have| **have == **value)
            })
        };
        let mut found = series
            .iter()
            .filter(|(key, _)| key.0 == descriptor.name && wanted(key))
            .map(|(_, kept)| &kept.value);
        read(&mut found)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for MemorySink {
    fn record(&self, sample: &Sample<'_>) {
        let key = (sample.descriptor.name, sample.values.iter().map(|value| Box::from(*value)).collect());
        let mut series = self.lock();
        let kept = series.entry(key).or_insert_with(|| Kept::new(sample.descriptor));
        match &mut kept.value {
            State::Sum(sum) => *sum += sample.value,
            State::Last(last) => *last = sample.value,
            State::Spread(spread) => spread.add(sample.value),
        }
    }
}

impl Kept {
    fn new(descriptor: &'static Descriptor) -> Self {
        let value = match descriptor.form {
            Form::Counter => State::Sum(0.0),
            Form::Gauge => State::Last(0.0),
            Form::Histogram => State::Spread(Box::new(sketch())),
        };
        Self { descriptor, value }
    }
}

impl State {
    fn read(&self) -> Value {
        match self {
            Self::Sum(sum) => Value::Counter(*sum),
            Self::Last(last) => Value::Gauge(*last),
            Self::Spread(spread) => Value::Histogram(summary(spread)),
        }
    }
}

fn sketch() -> DDSketch {
    DDSketch::new(Config::defaults())
}

fn summary(sketch: &DDSketch) -> Summary {
    let quantile = |q| sketch.quantile(q).ok().flatten().unwrap_or_default();
    Summary {
        count: sketch.count() as u64,
        sum: sketch.sum().unwrap_or_default(),
        min: sketch.min().unwrap_or_default(),
        p50: quantile(0.5),
        p95: quantile(0.95),
        p99: quantile(0.99),
        max: sketch.max().unwrap_or_default(),
    }
}

impl fmt::Debug for MemorySink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemorySink({} series)", self.lock().len())
    }
}
