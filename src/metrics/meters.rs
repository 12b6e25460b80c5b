//! Counters, gauges, histograms, and series of them by labels. Only this module makes them, for [`super::declared`].

use std::{
    marker::PhantomData,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use metrics::{Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::PrometheusRecorder;

use super::histogram::{self, Buckets, Series, Values};

/// Whoever records. The exporter needs it and shows it nowhere.
const METADATA: Metadata<'static> = Metadata::new("deskgraph", Level::INFO, None);

/// Where metrics are registered.
pub(super) struct Registry {
    recorder: PrometheusRecorder,
    histograms: Mutex<Vec<Series>>,
}

/// The labels of one series.
pub(super) type LabelPairs<'a> = &'a [(&'static str, &'a str)];

/// Something that is registered under a name.
pub(super) trait Meter: Sized {
    fn register(registry: &Registry, name: &'static str, help: &'static str, labels: LabelPairs<'_>) -> Self;
}

impl Registry {
    pub(super) fn of(recorder: PrometheusRecorder) -> Self {
        Self { recorder, histograms: Mutex::default() }
    }

    /// Appends all histograms.
    pub(super) fn render_histograms(&self, text: &mut String) {
        let series = self.histograms.lock().unwrap_or_else(PoisonError::into_inner);
        histogram::render(&series, text);
    }
}

fn key(name: &'static str, labels: LabelPairs<'_>) -> Key {
    Key::from_parts(name, labels.iter().map(|(name, value)| Label::new(*name, (*value).to_owned())).collect::<Vec<_>>())
}

/// A number that only grows.
#[derive(Clone)]
pub struct Counter(metrics::Counter);

impl Counter {
    /// Adds one.
    pub fn increment(&self) {
        self.0.increment(1);
    }

    /// Adds some.
    pub fn add(&self, some: u64) {
        self.0.increment(some);
    }
}

impl Meter for Counter {
    fn register(registry: &Registry, name: &'static str, help: &'static str, labels: LabelPairs<'_>) -> Self {
        registry.recorder.describe_counter(name.into(), None, help.into());
        Self(registry.recorder.register_counter(&key(name, labels), &METADATA))
    }
}

/// A number that goes up and down.
#[derive(Clone)]
pub struct Gauge(metrics::Gauge);

impl Gauge {
    /// Makes it this number.
    pub fn set(&self, value: f64) {
        self.0.set(value);
    }

    /// Counts one more, for as long as the result is held.
    #[must_use]
    pub fn hold(&self) -> Held {
        self.0.increment(1.0);
        Held(self.clone())
    }
}

impl Meter for Gauge {
    fn register(registry: &Registry, name: &'static str, help: &'static str, labels: LabelPairs<'_>) -> Self {
        registry.recorder.describe_gauge(name.into(), None, help.into());
        Self(registry.recorder.register_gauge(&key(name, labels), &METADATA))
    }
}

/// One that a gauge counts until this is dropped.
pub struct Held(Gauge);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.0.decrement(1.0);
    }
}

/// A distribution of values.
pub struct Histogram<B> {
    values: Arc<Values>,
    buckets: PhantomData<fn(B)>,
}

impl<B> Histogram<B> {
    /// Adds a value.
    pub fn record(&self, value: f64) {
        self.values.record(value);
    }

    /// Adds a duration in seconds.
    pub fn record_time(&self, time: Duration) {
        self.record(time.as_secs_f64());
    }

    /// Adds a number of things.
    pub fn record_count(&self, count: usize) {
        self.record(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
    }
}

impl<B: Buckets> Meter for Histogram<B> {
    fn register(registry: &Registry, name: &'static str, help: &'static str, labels: LabelPairs<'_>) -> Self {
        let values = Arc::new(Values::of(B::BOUNDS));
        let series = Series { name, help, labels: key(name, labels), values: values.clone() };
        registry.histograms.lock().unwrap_or_else(PoisonError::into_inner).push(series);
        Self { values, buckets: PhantomData }
    }
}

/// The version of the program, as a label.
pub struct Build(Gauge);

impl Build {
    pub(super) fn set(&self, value: f64) {
        self.0.set(value);
    }
}

impl Meter for Build {
    fn register(registry: &Registry, name: &'static str, help: &'static str, _: LabelPairs<'_>) -> Self {
        Self(Gauge::register(registry, name, help, &[("version", env!("CARGO_PKG_VERSION"))]))
    }
}

/// Labels with a fixed set of values.
pub trait Labels: Copy {
    /// How many combinations of values there are.
    const COUNT: usize;

    /// Which of them this is.
    fn index(self) -> usize;

    /// The names and values of one of them.
    fn pairs(index: usize) -> Vec<(&'static str, &'static str)>;
}

impl<A: Labels, B: Labels> Labels for (A, B) {
    const COUNT: usize = A::COUNT * B::COUNT;

    fn index(self) -> usize {
        self.0.index() * B::COUNT + self.1.index()
    }

    fn pairs(index: usize) -> Vec<(&'static str, &'static str)> {
        [A::pairs(index / B::COUNT), B::pairs(index % B::COUNT)].concat()
    }
}

/// A metric for each combination of the values of its labels.
pub struct By<L, M> {
    series: Box<[M]>,
    labels: PhantomData<fn(L)>,
}

impl<L: Labels, M> By<L, M> {
    /// The one with these labels.
    pub fn of(&self, labels: L) -> &M {
        &self.series[labels.index()]
    }
}

impl<L: Labels, M: Meter> Meter for By<L, M> {
    fn register(registry: &Registry, name: &'static str, help: &'static str, labels: LabelPairs<'_>) -> Self {
        let series = (0..L::COUNT).map(|index| {
            let labels: Vec<(&'static str, &str)> = labels.iter().copied().chain(L::pairs(index)).collect();
            M::register(registry, name, help, &labels)
        });
        Self { series: series.collect(), labels: PhantomData }
    }
}
