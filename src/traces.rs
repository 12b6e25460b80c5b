//! Traces: exports the spans of requests, GraphQL operations and statements over OTLP (HTTP, protobuf).
//!
//! ```text
//!   request ─▶ graphql ─▶ statement, statement, …      tracing spans
//!                 └─ layer ─ queue, bounded ─▶ export ─▶ collector
//! ```
//!
//! Off unless an endpoint is configured. Statement spans are created only while a trace layer listens; logs never show them
//! (see `store::readers::statement`). The module knows nothing of the gateway except the targets of its spans.

mod export;

use std::sync::atomic::{AtomicBool, Ordering};

use http::HeaderMap;
use opentelemetry::{propagation::TextMapPropagator, trace::TracerProvider};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider},
};
use tokio::runtime::Handle;
use tracing::{Span, Subscriber, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

pub use self::export::Error;

/// The largest number of spans waiting for export. Further spans are dropped.
const QUEUE: usize = 8192;

/// The largest number of spans per export.
const BATCH: usize = 512;

/// Whether traces are exported.
static EXPORTS: AtomicBool = AtomicBool::new(false);

/// The settings of the export.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The URL of the collector, such as `http://127.0.0.1:4318/v1/traces`.
    pub endpoint: String,
    /// The name of this service in traces.
    pub service: String,
    /// The share of requests that are traced, from 0 to 1, unless the caller has decided.
    pub ratio: f64,
}

/// The running export. Dropping it does not send the waiting spans: see [`Self::finish`].
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Starts the export on a tokio runtime.
    pub fn start(settings: &Settings, runtime: &Handle) -> Result<Self, Error> {
        let exporter = export::exporter(&settings.endpoint, runtime.clone())?;
        let batches = BatchConfigBuilder::default().with_max_queue_size(QUEUE).with_max_export_batch_size(BATCH).build();
        let resource = Resource::builder()
            .with_service_name(settings.service.clone())
            .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(batches).build())
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.ratio))))
            .with_resource(resource)
            .build();
        EXPORTS.store(true, Ordering::Relaxed);
        Ok(Self(provider))
    }

    /// The layer that collects spans.
    pub fn layer<S: Subscriber + for<'s> LookupSpan<'s>>(&self) -> impl Layer<S> + use<S> {
        let listened =
            Targets::new().with_target("deskgraph", LevelFilter::INFO).with_target("deskgraph::statement", LevelFilter::TRACE);
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("deskgraph"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(listened)
    }

    /// Sends the waiting spans and ends the export.
    pub fn finish(self) {
        EXPORTS.store(false, Ordering::Relaxed);
        if let Err(error) = self.0.shutdown() {
            tracing::debug!(%error, "the last traces could not be sent");
        }
    }
}

/// Makes the span of a request a child of the caller's span, if the headers name one (`traceparent`).
pub fn continue_trace(span: &Span, headers: &HeaderMap) {
    if EXPORTS.load(Ordering::Relaxed) && headers.contains_key("traceparent") {
        let begun = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
        // This fails if nothing collects the span, which is fine.
        let _ = span.set_parent(begun);
    }
}
