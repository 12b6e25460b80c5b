//! Writes a stream as server-sent events, in the distinct connections mode of graphql-sse: `next` for each result, `complete`
//! at the end.
//!
//! The `id` of an event is the cursor of its result. A client that reconnects with `Last-Event-ID`, as every `EventSource`
//! does, therefore resumes there. The cursor at which the stream starts is sent as an `id` without an event, so that a client
//! can also resume if it loses the connection before the first result.
//!
//! When the gateway stops, the stream ends without `complete`, so that clients treat it as a lost connection and reconnect.

use async_graphql::Response;

use super::{
    refusal::Refusal,
    stream::{Ending, Step},
};
use crate::http::answer::{Answer, panicked};

const COMPLETE: &str = "event: complete\ndata:\n\n";

/// Writes one step of a stream.
pub(super) fn write(step: Step<'_>) -> String {
    match step {
        // A comment. The first one goes out at once, for clients and proxies that wait for a first byte.
        Step::Start | Step::Heartbeat => ":\n\n".into(),
        Step::Cursor(cursor) => format!("id: {cursor}\n\n"),
        Step::Result(response, cursor) => next(response, cursor),
        Step::End(Ending::Complete) => COMPLETE.into(),
        Step::End(Ending::Stopping) => String::new(),
        Step::End(Ending::Credential(end)) => next(&Response::from_errors(vec![Refusal::from(end).error()]), None) + COMPLETE,
        Step::End(Ending::Panicked) => next(&Response::from_errors(vec![panicked()]), None) + COMPLETE,
    }
}

fn next(response: &Response, cursor: Option<&str>) -> String {
    // Compact JSON has no line break, so it fits in one `data` line.
    let data = serde_json::to_string(&Answer(response)).expect("a GraphQL response is plain data");
    match cursor {
        Some(cursor) => format!("id: {cursor}\nevent: next\ndata: {data}\n\n"),
        None => format!("event: next\ndata: {data}\n\n"),
    }
}
