//! Traces: the spans of a request form one tree, from the caller's span to the database statements. A real collector
//! receives them from the real binary over OTLP (HTTP).

use std::{collections::HashMap, sync::Arc};

use axum::{Router, body::Bytes, extract::State, http::header, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::any_value::Value as AnyValue,
    trace::v1::{Span, span::SpanKind},
};
use prost::Message;
use serde_json::json;
use tokio::{net::TcpListener, sync::watch, time::timeout};

use crate::support::{PATIENCE, database::Database, process::Process, sample};

/// A collector on a free port, and the spans that it has received.
struct Collector {
    endpoint: String,
    spans: watch::Receiver<Vec<Span>>,
}

impl Collector {
    async fn start() -> Self {
        let (sender, spans) = watch::channel(Vec::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}/v1/traces", listener.local_addr().unwrap());
        let router = Router::new().route("/v1/traces", post(receive)).with_state(Arc::new(sender));
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { endpoint, spans }
    }

    /// All spans of a trace, once one of them has this name.
    async fn trace(&mut self, trace: &str, with: &str) -> Vec<Span> {
        let of_trace =
            |spans: &Vec<Span>| -> Vec<Span> { spans.iter().filter(|span| hex(&span.trace_id) == trace).cloned().collect() };
        let is_there = |spans: &Vec<Span>| of_trace(spans).iter().any(|span| span.name == with);
        let spans = timeout(PATIENCE, self.spans.wait_for(is_there)).await.expect("a trace in time").unwrap();
        of_trace(&spans)
    }
}

async fn receive(
    State(sender): State<Arc<watch::Sender<Vec<Span>>>>,
    body: Bytes,
) -> ([(header::HeaderName, &'static str); 1], Vec<u8>) {
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    let scopes = request.resource_spans.into_iter().flat_map(|of_resource| of_resource.scope_spans);
    sender.send_modify(|spans| spans.extend(scopes.flat_map(|of_scope| of_scope.spans)));
    ([(header::CONTENT_TYPE, "application/x-protobuf")], ExportTraceServiceResponse::default().encode_to_vec())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn attributes(span: &Span) -> HashMap<String, String> {
    let text = |value: AnyValue| match value {
        AnyValue::StringValue(text) => text,
        other => format!("{other:?}"),
    };
    let pair = |attribute: &opentelemetry_proto::tonic::common::v1::KeyValue| {
        Some((attribute.key.clone(), text(attribute.value.clone()?.value?)))
    };
    span.attributes.iter().filter_map(pair).collect()
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

async fn ask(base: &str, trace: &str, query: &str) {
    let request = reqwest::Client::new().post(format!("{base}/graphql")).json(&json!({ "query": query }));
    let answer = request.header("traceparent", format!("00-{trace}-{CALLER}-01")).send().await.unwrap();
    let answer: serde_json::Value = answer.json().await.unwrap();
    assert!(answer.get("errors").is_none(), "{answer}");
}

/// A gateway with the sample customer that exports its traces.
async fn gateway(database: &Database, collector: &Collector) -> Process {
    let traced = [("DESKGRAPH_TRACES__ENDPOINT", collector.endpoint.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "100")];
    let gateway = Process::start_with(database, &[], &traced).await;
    let delivered = reqwest::Client::new().post(format!("{}/webhooks/customer-created", gateway.base));
    assert_eq!(delivered.json(&sample("customer-created")).send().await.unwrap().status(), 200);
    gateway
}

#[tokio::test]
async fn spans_of_a_request_form_one_tree_from_the_caller_to_the_statements() {
    let (database, mut collector) = (Database::new(), Collector::start().await);
    let gateway = gateway(&database, &collector).await;
    let nested = r#"query Desk { customers(filter: { name: { contains: "Secret" } }) { nodes { name tickets { nodes { name } } } }
        all: customers { nodes { name tickets { nodes { name } } } } }"#;
    // Statistics run single statements, each in its own task.
    let statistic = "query Chart { messageStats(groupBy: [PLATFORM]) { platform count customers } }";
    let other = "1af7651916cd43dd8448eb211c80319c";
    ask(&gateway.base, TRACE, nested).await;
    ask(&gateway.base, other, statistic).await;
    for (trace, operation, fewest) in [(TRACE, "Desk", 3), (other, "Chart", 1)] {
        let spans = collector.trace(trace, "POST /graphql").await;
        let one = |name: &str| {
            let mut named = spans.iter().filter(|span| span.name == name);
            let span = named.next().unwrap_or_else(|| panic!("{name}: {spans:#?}"));
            assert!(named.next().is_none(), "{name} is there twice: {spans:#?}");
            span
        };
        let request = one("POST /graphql");
        assert_eq!(hex(&request.parent_span_id), CALLER, "the caller's span is the parent");
        assert_eq!(request.kind, SpanKind::Server as i32);
        assert_eq!(attributes(request)["http.route"], "/graphql");
        assert!(!attributes(request).contains_key("address"), "{request:?}");
        let graphql = one(&format!("graphql {operation}"));
        assert_eq!(graphql.parent_span_id, request.span_id);
        assert_eq!(attributes(graphql)["graphql.operation.name"], operation);
        assert_eq!(attributes(graphql)["request_id"], attributes(request)["request_id"], "as in the log");
        let statements: Vec<_> = spans.iter().filter(|span| span.name == "statement").collect();
        assert!(statements.len() >= fewest, "{spans:#?}");
        for statement in &statements {
            assert_eq!(statement.parent_span_id, graphql.span_id);
            assert!(statement.start_time_unix_nano >= graphql.start_time_unix_nano);
            assert!(statement.end_time_unix_nano <= request.end_time_unix_nano);
            let text = &attributes(statement)["db.query.text"];
            assert!(text.starts_with("SELECT") || text.starts_with("WITH"), "{text}");
            assert!(!text.to_lowercase().contains("secret"), "a value is in {text}");
        }
        assert_eq!(spans.len(), 2 + statements.len(), "nothing else is in the tree: {spans:#?}");
    }
    assert_eq!(gateway.terminate().await, Some(0));
}

#[tokio::test]
async fn waiting_spans_are_sent_at_shutdown_and_an_unsampled_caller_is_not_traced() {
    let (database, mut collector) = (Database::new(), Collector::start().await);
    let gateway = gateway(&database, &collector).await;
    let unsampled = "2af7651916cd43dd8448eb211c80319c";
    let request = reqwest::Client::new().post(format!("{}/graphql", gateway.base)).json(&json!({ "query": "{ head }" }));
    request.header("traceparent", format!("00-{unsampled}-{CALLER}-00")).send().await.unwrap();
    ask(&gateway.base, TRACE, "{ head }").await;
    assert_eq!(gateway.terminate().await, Some(0));
    collector.trace(TRACE, "POST /graphql").await;
    assert!(!collector.spans.borrow().iter().any(|span| hex(&span.trace_id) == unsampled));
}

#[tokio::test]
async fn an_unreachable_collector_delays_nothing_and_is_logged_once() {
    let database = Database::new();
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let unreachable = format!("http://{}/v1/traces", free.local_addr().unwrap());
    drop(free);
    let traced = [("DESKGRAPH_TRACES__ENDPOINT", unreachable.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "50")];
    let gateway = Process::start_with(&database, &[], &traced).await;
    for _ in 0..20 {
        ask(&gateway.base, TRACE, "{ head }").await;
    }
    let (code, log) = gateway.terminate_with_log().await;
    assert_eq!(code, Some(0));
    let logged = log.iter().filter(|line| line.contains("traces can't be exported")).count();
    assert_eq!(logged, 1, "{log:#?}");
}
