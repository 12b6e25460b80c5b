//! Counters, gauges, histograms and labelled series. Only [`super::declared`] creates them.

use std::{
    marker::PhantomData,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use metrics::{Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::PrometheusRecorder;

use super::histogram::{self, Buckets, Series, Values};

/// The metadata that the recorder API requires; the Prometheus exporter ignores it.
const METADATA: Metadata<'static> = Metadata::new("deskgraph", Level::INFO, None);

/// Registers metrics with the exporter.
pub(super) struct Registry {
    recorder: PrometheusRecorder,
    histograms: Mutex<Vec<Series>>,
}

/// The labels of one series.
pub(super) type LabelPairs<'a> = &'a [(&'static str, &'a str)];

/// A metric that can be registered under a name.
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

/// A counter: a value that only increases.
#[derive(Clone)]
pub struct Counter(metrics::Counter);

impl Counter {
    /// Adds one.
    pub fn increment(&self) {
        self.0.increment(1);
    }

    /// Adds a number.
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

/// A gauge: a value that goes up and down.
#[derive(Clone)]
pub struct Gauge(metrics::Gauge);

impl Gauge {
    /// Sets the value.
    pub fn set(&self, value: f64) {
        self.0.set(value);
    }

    /// Increments the gauge until the returned guard is dropped.
    #[must_use]
    pub fn increment_until_drop(&self) -> GaugeGuard {
        self.0.increment(1.0);
        GaugeGuard(self.clone())
    }
}

impl Meter for Gauge {
    fn register(registry: &Registry, name: &'static str, help: &'static str, labels: LabelPairs<'_>) -> Self {
        registry.recorder.describe_gauge(name.into(), None, help.into());
        Self(registry.recorder.register_gauge(&key(name, labels), &METADATA))
    }
}

/// Decrements the gauge when dropped.
pub struct GaugeGuard(Gauge);

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.0.decrement(1.0);
    }
}

/// A histogram: a distribution of values.
pub struct Histogram<B> {
    values: Arc<Values>,
    buckets: PhantomData<fn(B)>,
}

impl<B> Histogram<B> {
    /// Records a value.
    pub fn record(&self, value: f64) {
        self.values.record(value);
    }

    /// Records a duration, in seconds.
    pub fn record_time(&self, time: Duration) {
        self.record(time.as_secs_f64());
    }

    /// Records a count.
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

/// The metric that carries the program's version as a label.
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
    /// The number of combinations of label values.
    const COUNT: usize;

    /// The index of this combination, below `COUNT`.
    fn index(self) -> usize;

    /// The label names and values of the combination with this index.
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

/// One series for each combination of label values.
pub struct By<L, M> {
    series: Box<[M]>,
    labels: PhantomData<fn(L)>,
}

impl<L: Labels, M> By<L, M> {
    /// The series with these labels.
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
