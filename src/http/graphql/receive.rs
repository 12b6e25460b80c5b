//! Parses a GraphQL request from an HTTP request, or refuses it.
//!
//! An accepted request is well-formed according to the GraphQL-over-HTTP specification. Its document is not parsed here; errors
//! in it are reported as GraphQL errors later.

use async_graphql::{BatchRequest, Extensions, Variables};
use axum::{
    body::Body,
    extract::{Query, Request},
    http::{HeaderMap, Method, Uri, header, request::Parts},
};
use futures_util::StreamExt;
use mime::Mime;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Limits, refusal::Refusal};
use crate::graphql::persisted;

/// A request as sent by the client.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    #[serde(default)]
    variables: Variables,
    #[serde(default)]
    extensions: Extensions,
}

impl Sent {
    /// Converts the request, if it has a document or names one.
    fn complete(self) -> Option<async_graphql::Request> {
        let mut request = async_graphql::Request::new(self.query.unwrap_or_default()).variables(self.variables);
        request.operation_name = self.operation_name;
        request.extensions = self.extensions;
        if let Some(id) = self.document_id {
            persisted::set_document_id(&mut request, id);
        }
        (!request.query.is_empty() || persisted::is_named(&request)).then_some(request)
    }
}

/// Parses the query string of a GET, or the body of a POST.
pub(super) async fn receive(request: Request, limits: &Limits) -> Result<BatchRequest, Refusal> {
    let (parts, body) = request.into_parts();
    match parts.method {
        Method::GET | Method::HEAD => read(&Value::Object(parameters(&parts.uri)?)).map(BatchRequest::Single),
        Method::POST => post(parts, body, limits).await,
        _ => Err(Refusal::Method),
    }
}

async fn post(parts: Parts, body: Body, limits: &Limits) -> Result<BatchRequest, Refusal> {
    check_media_type(&parts.headers)?;
    let bytes = tokio::time::timeout(limits.read_timeout, read_body(&parts.headers, body, limits.max_body_bytes))
        .await
        .map_err(|_| Refusal::TooSlow(limits.read_timeout))??;
    // The first character decides between batch and single request: trying both would buffer all values.
    let is_batch = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let received = if is_batch {
        match serde_json::from_slice::<Vec<Sent>>(&bytes) {
            Ok(requests) if requests.len() > limits.max_batch => return Err(Refusal::Batch(limits.max_batch)),
            Ok(requests) if requests.is_empty() => None,
            Ok(requests) => requests.into_iter().map(Sent::complete).collect::<Option<_>>().map(BatchRequest::Batch),
            Err(_) => None,
        }
    } else {
        serde_json::from_slice::<Sent>(&bytes).ok().and_then(Sent::complete).map(BatchRequest::Single)
    };
    received.ok_or_else(|| Refusal::Unreadable(fault_of_body(&bytes)))
}

/// Checks that the body is uncompressed JSON in UTF-8.
fn check_media_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let refuse = |why: String| Err(Refusal::MediaType(why));
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else { return refuse("`Content-Type` is missing".into()) };
    let Some(kind) = content_type.to_str().ok().and_then(|text| text.parse::<Mime>().ok()) else {
        return refuse("`Content-Type` is not a media type".into());
    };
    if kind.essence_str() != mime::APPLICATION_JSON {
        return refuse(format!("the media type `{}` is not supported", kind.essence_str()));
    }
    if kind.get_param(mime::CHARSET).is_some_and(|charset| charset != mime::UTF_8) {
        return refuse("only UTF-8 is supported".into());
    }
    match headers.get(header::CONTENT_ENCODING) {
        Some(coding) if coding != "identity" => refuse("compressed request bodies are not supported".into()),
        _ => Ok(()),
    }
}

async fn read_body(headers: &HeaderMap, body: Body, limit: usize) -> Result<axum::body::Bytes, Refusal> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Refusal::TooLong(limit));
    }
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Refusal::Unreadable("the body ended early or is malformed".into()))?;
        if bytes.len() + chunk.len() > limit {
            return Err(Refusal::TooLong(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

/// The parameters of a query string: `query`, `documentId` and `operationName` as text, `variables` and `extensions` as JSON.
/// An empty parameter counts as absent; unknown ones are ignored.
fn parameters(uri: &Uri) -> Result<Map<String, Value>, Refusal> {
    let unreadable = |why: String| Err(Refusal::Unreadable(why));
    let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
        return unreadable("the query string of the URL is malformed".into());
    };
    let mut parameters = Map::new();
    for (name, text) in pairs {
        let value = match name.as_str() {
            _ if text.is_empty() => continue,
            "query" | "documentId" | "operationName" => Value::String(text),
            "variables" | "extensions" => match serde_json::from_str(&text) {
                Ok(value) => value,
                Err(error) => return unreadable(format!("`{name}` is not JSON: {error}")),
            },
            _ => continue,
        };
        if parameters.insert(name.clone(), value).is_some() {
            return unreadable(format!("`{name}` is given twice"));
        }
    }
    Ok(parameters)
}

fn read(request: &Value) -> Result<async_graphql::Request, Refusal> {
    let sent = Sent::deserialize(request).ok();
    sent.and_then(Sent::complete).ok_or_else(|| Refusal::Unreadable(fault(request)))
}

fn fault_of_body(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body) {
        _ if body.is_empty() => "the body is empty: expected a GraphQL request as JSON".into(),
        Err(error) => format!("the body is not JSON: {error}"),
        Ok(Value::Array(requests)) if requests.is_empty() => "the batch is empty".into(),
        Ok(Value::Array(requests)) => requests.iter().map(fault).find(|fault| fault != UNKNOWN).unwrap_or(UNKNOWN.into()),
        Ok(request) => fault(&request),
    }
}

const UNKNOWN: &str = "expected a GraphQL request: an object with `query`, and optionally `operationName` and `variables`";

/// Describes the problem of a malformed request.
fn fault(request: &Value) -> String {
    let Some(request) = request.as_object() else { return UNKNOWN.into() };
    let is_text = |value: &Value| value.is_string() || value.is_null();
    let is_map = |value: &Value| value.is_object() || value.is_null();
    let wrong = |name: &str, is_right: fn(&Value) -> bool| request.get(name).is_some_and(|value| !is_right(value));
    let is_named = request.get("documentId").is_some_and(Value::is_string)
        || request.get("extensions").and_then(|extensions| extensions.get("persistedQuery")).is_some_and(Value::is_object);
    match request.get("query") {
        _ if wrong("documentId", is_text) => "`documentId` is neither a string nor null".into(),
        None | Some(Value::Null) if !is_named => "`query` is missing: expected the text of a GraphQL document".into(),
        Some(Value::String(text)) if text.is_empty() && !is_named => {
            "`query` is empty: expected the text of a GraphQL document".into()
        }
        Some(query) if !is_text(query) => "`query` is not a string".into(),
        _ if wrong("operationName", is_text) => "`operationName` is neither a string nor null".into(),
        _ if wrong("variables", is_map) => "`variables` is neither an object nor null".into(),
        _ if wrong("extensions", is_map) => "`extensions` is neither an object nor null".into(),
        _ => UNKNOWN.into(),
    }
}
