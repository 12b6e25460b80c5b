//! Sends spans to a collector with the HTTP client that the rest of the program uses, and logs failures.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry::{KeyValue, Value, trace::SpanKind};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{self, SpanData},
};
use rustls::{ClientConfig, RootCertStore};
use tokio::{runtime::Handle, time::timeout};

/// The time limit of an export.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest accepted response of a collector.
const MAX_BYTES: usize = 64 * 1024;

/// Why traces can't be exported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system's trusted certificates can't be read.
    #[error("the certificates that the system trusts can't be read: {0}")]
    Roots(std::io::Error),
    /// TLS can't be set up.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The endpoint is invalid.
    #[error("{0}")]
    Endpoint(#[from] ExporterBuildError),
}

/// Creates the exporter for the collector at `endpoint`.
pub(super) fn exporter(endpoint: &str, runtime: Handle) -> Result<Exporter, Error> {
    let client = Sender { client: client(endpoint)?, runtime };
    let spans = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .with_timeout(TIMEOUT)
        .build()?;
    Ok(Exporter { spans, has_failed: Arc::default() })
}

type HttpsClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

fn client(endpoint: &str) -> Result<HttpsClient, Error> {
    let builder = if endpoint.starts_with("https:") {
        HttpsConnectorBuilder::new().with_native_roots().map_err(Error::Roots)?
    } else {
        // A plain HTTP endpoint: no certificate is verified.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        HttpsConnectorBuilder::new().with_tls_config(config.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
    };
    Ok(Client::builder(TokioExecutor::new()).build(builder.https_or_http().enable_http1().build()))
}

/// Sends requests on the gateway's runtime, since the exporter calls it on a thread without one.
#[derive(Debug)]
struct Sender {
    client: HttpsClient,
    runtime: Handle,
}

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let exchange = async move {
            let (head, body) = client.request(request.map(Full::new)).await?.into_parts();
            let body = Limited::new(body, MAX_BYTES).collect().await?.to_bytes();
            Ok::<_, HttpError>(Response::from_parts(head, body))
        };
        self.runtime.spawn(async { timeout(TIMEOUT, exchange).await? }).await?
    }
}

/// Exports spans with the attribute names of OpenTelemetry.
#[derive(Debug)]
pub(super) struct Exporter {
    spans: SpanExporter,
    has_failed: Arc<AtomicBool>,
}

impl trace::SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let sent = self.spans.export(batch.into_iter().map(renamed).collect()).await;
        match &sent {
            Ok(()) => {
                if self.has_failed.swap(false, Ordering::Relaxed) {
                    tracing::info!("traces are exported again");
                }
            }
            Err(error) => {
                if !self.has_failed.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "traces can't be exported; spans are dropped until exports succeed again");
                }
            }
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.spans.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.spans.set_resource(resource);
    }
}

/// Renames a span's attributes to the OpenTelemetry semantic conventions. Client addresses are removed.
fn renamed(mut span: SpanData) -> SpanData {
    span.attributes.retain(|attribute| attribute.key.as_str() != "address");
    let value = |span: &SpanData, key: &str| {
        let attribute = span.attributes.iter().find(|attribute| attribute.key.as_str() == key);
        attribute.map(|KeyValue { value, .. }| match value {
            Value::String(text) => text.as_str().to_owned(),
            other => other.to_string(),
        })
    };
    match &*span.name {
        "request" => {
            let (method, path) = (value(&span, "method").unwrap_or_default(), value(&span, "path").unwrap_or_default());
            span.name = format!("{method} {path}").trim_end().to_owned().into();
            span.span_kind = SpanKind::Server;
        }
        "graphql" => {
            if let Some(operation) = value(&span, "operation") {
                span.name = format!("graphql {operation}").into();
            }
        }
        "statement" => span.span_kind = SpanKind::Client,
        _ => {}
    }
    for attribute in &mut span.attributes {
        let name = match attribute.key.as_str() {
            "method" => "http.request.method",
            "path" => "http.route",
            "operation" => "graphql.operation.name",
            _ => continue,
        };
        attribute.key = name.into();
    }
    span
}
