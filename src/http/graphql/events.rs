//! Server-sent events, as the distinct connections mode of graphql-sse has them: `next` for each result, `complete` at the
//! end. The `id` of an event is the cursor of its result, so that a client which comes back with `Last-Event-ID`, as every
//! `EventSource` does by itself, goes on where it was. The first place is told as soon as it is known, in an `id` without an
//! event, for a client that loses its connection before anything has happened.
//!
//! When the gateway stops, a stream ends without `complete`: to a client, its connection is lost, and it comes back.

use async_graphql::Response;

use super::stream::{Ending, Step};
use crate::http::answer::{Answer, panicked};

const COMPLETE: &str = "event: complete\ndata:\n\n";

/// A step in the words of this protocol.
pub(super) fn write(step: Step<'_>) -> String {
    match step {
        // What comes at once opens the stream for clients, and proxies, that wait for a first byte.
        Step::Begun | Step::Alive => ":\n\n".into(),
        Step::At(place) => format!("id: {place}\n\n"),
        Step::Result(response, place) => next(response, place),
        Step::Ended(Ending::Complete) => COMPLETE.into(),
        Step::Ended(Ending::Stopping) => String::new(),
        Step::Ended(Ending::Panicked) => next(&Response::from_errors(vec![panicked()]), None) + COMPLETE,
    }
}

fn next(response: &Response, place: Option<&str>) -> String {
    // JSON is written without a line break, so one `data` line holds it.
    let data = serde_json::to_string(&Answer(response)).expect("a GraphQL response is plain data");
    match place {
        Some(place) => format!("id: {place}\nevent: next\ndata: {data}\n\n"),
        None => format!("event: next\ndata: {data}\n\n"),
    }
}
