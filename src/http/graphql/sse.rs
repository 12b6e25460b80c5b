//! Writes a stream as server-sent events, in the distinct connections mode of graphql-sse: `next` for each result, `complete`
//! at the end.
//!
//! The `id` of an event is the cursor of its result. So a client that reconnects with `Last-Event-ID`, as every `EventSource`
//! does, resumes there. The start cursor of the stream is sent as an `id` without an event, so that a client can also resume if
//! it loses the connection before the first result. Heartbeats report in the same way how far the stream has read the log
//! without a match. A client stores an `id` without data, but dispatches no event for it.
//!
//! When the gateway stops, the stream ends without `complete`, so that clients treat it as a lost connection and reconnect.

use async_graphql::{Response, ServerError};

use super::{
    refusal::Refusal,
    stream::{Ending, Step},
};
use crate::http::answer::{Answer, panicked};

const COMPLETE: &[u8] = b"event: complete\ndata:\n\n";

/// Writes one step of a stream.
pub(super) fn write(step: Step<'_>, out: &mut Vec<u8>) {
    match step {
        // A comment. The first one is sent immediately, for clients and proxies that wait for a first byte.
        Step::Start | Step::Heartbeat(None) => out.extend_from_slice(b":\n\n"),
        Step::Cursor(cursor) | Step::Heartbeat(Some(cursor)) => {
            id(cursor, out);
            out.push(b'\n');
        }
        Step::Result(response, cursor) => next(response, cursor, out),
        Step::End(Ending::Complete) => out.extend_from_slice(COMPLETE),
        Step::End(Ending::Stopping) => {}
        Step::End(Ending::Credential(end)) => failed(Refusal::from(end).error(), out),
        Step::End(Ending::Panicked) => failed(panicked(), out),
    }
}

fn id(cursor: &str, out: &mut Vec<u8>) {
    for part in ["id: ", cursor, "\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

fn next(response: &Response, cursor: Option<&str>, out: &mut Vec<u8>) {
    if let Some(cursor) = cursor {
        id(cursor, out);
    }
    out.extend_from_slice(b"event: next\ndata: ");
    // The JSON has no line break, so it fits in one `data` line.
    Answer(response).write(out);
    out.extend_from_slice(b"\n\n");
}

fn failed(error: ServerError, out: &mut Vec<u8>) {
    next(&Response::from_errors(vec![error]), None, out);
    out.extend_from_slice(COMPLETE);
}
