//! The body of a streamed response: results as they arrive, with heartbeats between them.
//!
//! Results that are ready at the same time are sent as one chunk of about [`CHUNK_BYTES`] at most.
//!
//! Back-pressure: hyper polls the body only when it has room to write, and only then are the next results computed. At most one
//! chunk is buffered for a slow client, since its events remain in the store. The write timeout closes the connection of a
//! client that reads nothing. The two formats differ only in syntax: see [`super::sse`] and [`super::multipart`].

use std::{convert::Infallible, panic::AssertUnwindSafe, time::Duration};

use async_graphql::Response;
use axum::body::Body;
use futures_util::{
    StreamExt,
    future::ready,
    stream::{BoxStream, once},
};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use crate::{access::End, graphql::Bookmark, http::answer::Answer};

/// A chunk of this size is sent, even if more results are ready.
const CHUNK_BYTES: usize = 64 * 1024;

/// Estimated bytes written around a result.
const AROUND_BYTES: usize = 256;

/// The next item to write.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'s> {
    /// The stream starts.
    Start,
    /// The cursor at which the stream starts, before any result.
    Cursor(&'s str),
    /// A result, and its cursor if there is one.
    Result(&'s Response, Option<&'s str>),
    /// No result has arrived for a while. The cursor says how far the stream has read, if that has changed.
    Heartbeat(Option<&'s str>),
    /// The stream ends.
    End(Ending),
}

/// Why a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The operation is complete.
    Complete,
    /// The gateway is stopping, although the operation is not complete.
    Stopping,
    /// The credential of the client has ended.
    Credential(End),
    /// The operation panicked.
    Panicked,
}

/// The results of one streamed response.
pub(super) struct Results {
    /// The results.
    pub(super) responses: BoxStream<'static, Response>,
    /// Whether this is a subscription, which ends when the gateway stops. Other operations finish.
    pub(super) is_live: bool,
    /// The cursor of the results so far.
    pub(super) bookmark: Bookmark,
}

impl Results {
    /// A single result.
    pub(super) fn one(response: Response) -> Self {
        let responses = once(async { response }).boxed();
        Self { responses, is_live: false, bookmark: Bookmark::default() }
    }
}

/// Appends an item of a stream in the syntax of a format.
pub(super) type Write = fn(Step<'_>, &mut Vec<u8>);

/// A body that writes results in the syntax of `write`, and a heartbeat after each `heartbeat` without a result. It holds
/// `permit`, its share of the live connections, until it ends or the client disconnects. Once `ended` resolves, no result is
/// written.
pub(super) fn body(
    results: Results,
    write: Write,
    heartbeat: Duration,
    stop: CancellationToken,
    ended: impl Future<Output = End> + Send + 'static,
    permit: impl Send + 'static,
) -> Body {
    let Results { responses, is_live, bookmark } = results;
    let mut responses = AssertUnwindSafe(responses).catch_unwind();
    Body::from_stream(async_stream::stream! {
        let _permit = permit;
        let mut ended = std::pin::pin!(ended);
        let mut heartbeats = interval_at(Instant::now() + heartbeat, heartbeat);
        heartbeats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The last cursor sent to the client.
        let mut last_sent: Option<String> = None;
        let mut chunk = Vec::new();
        write(Step::Start, &mut chunk);
        yield Ok::<_, Infallible>(std::mem::take(&mut chunk));
        let ending = loop {
            let is_full = chunk.len() >= CHUNK_BYTES;
            let is_all = tokio::select! {
                biased;
                end = &mut ended => break Ending::Credential(end),
                () = stop.cancelled(), if is_live => break Ending::Stopping,
                result = responses.next(), if !is_full => match result {
                    Some(Ok(response)) => {
                        last_sent = bookmark.reached();
                        heartbeats.reset();
                        chunk.reserve(Answer(&response).room() + AROUND_BYTES);
                        write(Step::Result(&response, last_sent.as_deref()), &mut chunk);
                        false
                    }
                    Some(Err(_)) => break Ending::Panicked,
                    // The feed stops too, and may end first.
                    None if is_live && stop.is_cancelled() => break Ending::Stopping,
                    None => break Ending::Complete,
                },
                Some(cursor) = bookmark.begun(), if last_sent.is_none() => {
                    write(Step::Cursor(cursor), &mut chunk);
                    last_sent = Some(cursor.to_owned());
                    false
                }
                // Nothing more is ready.
                () = ready(()), if !chunk.is_empty() => true,
                _ = heartbeats.tick() => {
                    let progress = bookmark.progress().filter(|progress| last_sent.as_ref() != Some(progress));
                    write(Step::Heartbeat(progress.as_deref()), &mut chunk);
                    last_sent = progress.or(last_sent);
                    false
                }
            };
            if is_all {
                yield Ok(std::mem::take(&mut chunk));
            }
        };
        write(Step::End(ending), &mut chunk);
        yield Ok(chunk);
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::value;
    use futures_util::stream;

    use super::*;
    use crate::http::graphql::{multipart, sse};

    const BEAT: Duration = Duration::from_secs(15);

    async fn written(results: Results, write: Write, stop: &CancellationToken) -> String {
        written_until(std::future::pending(), results, write, stop).await
    }

    async fn written_until(
        ended: impl Future<Output = End> + Send + 'static,
        results: Results,
        write: Write,
        stop: &CancellationToken,
    ) -> String {
        let body = body(results, write, BEAT, stop.clone(), ended, ());
        String::from_utf8(axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap()
    }

    fn results(responses: impl futures_util::Stream<Item = Response> + Send + 'static) -> Results {
        Results { responses: responses.boxed(), is_live: true, bookmark: Bookmark::default() }
    }

    fn numbers() -> Results {
        results(stream::iter([1, 2]).map(|number| Response::new(value!({ "n": number }))))
    }

    fn panics() -> Results {
        let panics = stream::poll_fn(|_| panic!("a resolver panics"));
        results(stream::iter([Response::new(value!({ "n": 1 }))]).chain(panics))
    }

    #[tokio::test]
    async fn events_are_next_until_complete() {
        let text = written(numbers(), sse::write, &CancellationToken::new()).await;
        let next = |number| format!("event: next\ndata: {{\"data\":{{\"n\":{number}}}}}\n\n");
        assert_eq!(text, format!(":\n\n{}{}event: complete\ndata:\n\n", next(1), next(2)));
    }

    #[tokio::test]
    async fn parts_are_payloads_each_followed_by_a_boundary() {
        let text = written(numbers(), multipart::write, &CancellationToken::new()).await;
        let part = |number| {
            format!("\r\nContent-Type: application/json\r\n\r\n{{\"payload\":{{\"data\":{{\"n\":{number}}}}}}}\r\n--graphql")
        };
        assert_eq!(text, format!("\r\n--graphql{}{}--\r\n", part(1), part(2)));
    }

    #[tokio::test]
    async fn a_panic_ends_its_stream_with_an_error() {
        let stop = CancellationToken::new();
        let text = written(panics(), sse::write, &stop).await;
        assert!(text.contains(r#""code":"INTERNAL""#) && text.ends_with("event: complete\ndata:\n\n"), "{text}");
        let text = written(panics(), multipart::write, &stop).await;
        assert!(text.contains(r#""code":"INTERNAL""#) && text.contains(r#""payload":null"#), "{text}");
        assert!(text.ends_with("\r\n--graphql--\r\n"), "{text}");
    }

    #[tokio::test]
    async fn a_stop_ends_subscriptions_and_lets_other_operations_finish() {
        let stop = CancellationToken::new();
        stop.cancel();
        assert_eq!(written(results(stream::pending()), sse::write, &stop).await, ":\n\n");
        let text = written(results(stream::pending()), multipart::write, &stop).await;
        assert!(text.contains(r#""code":"UNAVAILABLE""#) && text.ends_with("\r\n--graphql--\r\n"), "{text}");
        let query = Results::one(Response::new(value!({ "n": 1 })));
        assert!(written(query, sse::write, &stop).await.ends_with("event: complete\ndata:\n\n"));
    }

    #[tokio::test]
    async fn no_result_is_written_after_the_credential_ends() {
        let stop = CancellationToken::new();
        let text = written_until(std::future::ready(End::Revoked), numbers(), sse::write, &stop).await;
        assert!(text.contains(r#""code":"UNAUTHENTICATED""#) && text.contains("revoked") && !text.contains("\"n\""), "{text}");
        assert!(text.starts_with(":\n\nevent: next\n") && text.ends_with("event: complete\ndata:\n\n"), "{text}");
        let text = written_until(std::future::ready(End::Expired), numbers(), multipart::write, &stop).await;
        assert!(text.contains(r#""code":"UNAUTHENTICATED""#) && text.contains(r#""payload":null"#), "{text}");
        assert!(!text.contains("\"n\"") && text.ends_with("\r\n--graphql--\r\n"), "{text}");
    }

    #[tokio::test]
    async fn an_idle_stream_sends_heartbeats() {
        let beat = Duration::from_millis(20);
        for (write, sign) in
            [(sse::write as Write, ":\n\n"), (multipart::write, "\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql")]
        {
            let body = body(results(stream::pending()), write, beat, CancellationToken::new(), std::future::pending(), ());
            let chunks: Vec<_> = body.into_data_stream().skip(1).take(2).map(Result::unwrap).collect().await;
            assert_eq!(chunks, [sign, sign]);
        }
    }

    #[tokio::test]
    async fn results_ready_at_the_same_time_share_a_chunk_of_limited_size() {
        let chunks = async |count: i32, text: String| {
            let results = results(stream::iter(0..count).map(move |_| Response::new(value!({ "text": text }))));
            let body = body(results, sse::write, BEAT, CancellationToken::new(), std::future::pending(), ());
            body.into_data_stream().skip(1).map(|chunk| chunk.unwrap().len()).collect::<Vec<_>>().await
        };
        assert_eq!(chunks(100, "short".to_owned()).await.len(), 1);
        let long = chunks(100, "x".repeat(10_000)).await;
        assert!(long.len() >= 10 && long.iter().all(|bytes| *bytes < CHUNK_BYTES + 11_000), "{long:?}");
    }
}
