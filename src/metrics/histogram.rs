//! Histograms with fixed buckets.
//!
//! The exporter's own histograms store every value until the next scrape. These record a value per message and subscriber,
//! so recording is two atomic additions and memory is fixed by the number of buckets.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use metrics::Key;
use metrics_exporter_prometheus::{LabelSet, formatting};

/// The upper bounds of a histogram's buckets, ascending.
pub(super) trait Buckets {
    /// The finite bounds. A last bucket takes all larger values.
    const BOUNDS: &'static [f64];
}

/// Bounds for durations of statements, commits and requests, in seconds.
pub struct Seconds;

impl Buckets for Seconds {
    const BOUNDS: &'static [f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
}

/// Bounds for counts from one to thousands.
pub struct Counts;

impl Buckets for Counts {
    const BOUNDS: &'static [f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 4096.0, 16384.0];
}

/// The recorded values of one histogram.
pub(super) struct Values {
    bounds: &'static [f64],
    counts: Box<[AtomicU64]>,
    /// The sum, as the bits of an `f64`.
    sum: AtomicU64,
}

/// A histogram with its name and labels.
pub(super) struct Series {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) labels: Key,
    pub(super) values: Arc<Values>,
}

impl Values {
    pub(super) fn of(bounds: &'static [f64]) -> Self {
        Self { bounds, counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(), sum: AtomicU64::new(0) }
    }

    /// Records a value.
    pub(super) fn record(&self, value: f64) {
        let bucket = self.bounds.iter().position(|bound| value <= *bound).unwrap_or(self.bounds.len());
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        let add = |bits| Some((f64::from_bits(bits) + value).to_bits());
        let _ = self.sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

/// Appends histograms in the text format, grouped by name.
pub(super) fn render(series: &[Series], text: &mut String) {
    let mut shown: Vec<&'static str> = Vec::new();
    for Series { name, help, .. } in series {
        if shown.contains(name) {
            continue;
        }
        shown.push(name);
        formatting::write_help_line(text, name, None, None, help);
        formatting::write_type_line(text, name, None, None, "histogram");
        series.iter().filter(|other| other.name == *name).for_each(|series| series.render(text));
        text.push('\n');
    }
}

impl Series {
    fn render(&self, text: &mut String) {
        #[expect(clippy::default_trait_access, reason = "the crate of its type is named nowhere else")]
        let labels = LabelSet::from_key_and_global(&self.labels, &Default::default());
        let mut count = 0;
        for (place, of_bucket) in self.values.counts.iter().enumerate() {
            count += of_bucket.load(Ordering::Relaxed);
            let bound = self.values.bounds.get(place).map_or_else(|| "+Inf".to_owned(), f64::to_string);
            formatting::write_metric_line(text, self.name, Some("bucket"), &labels, Some(("le", bound)), count, None);
        }
        let sum = f64::from_bits(self.values.sum.load(Ordering::Relaxed));
        formatting::write_metric_line::<&str, f64>(text, self.name, Some("sum"), &labels, None, sum, None);
        formatting::write_metric_line::<&str, u64>(text, self.name, Some("count"), &labels, None, count, None);
    }
}
