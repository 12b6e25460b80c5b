//! Results that follow one another in one answer, as a body that is written while they come.
//!
//! The socket pulls: a result is asked for when what was written before has room to go out. So nothing piles up here for a
//! slow client; what it misses waits in the store, and one that reads nothing at all is cut off by its connection. The two
//! forms of such a body differ in words only: see [`super::events`] and [`super::parts`].

use std::{convert::Infallible, panic::AssertUnwindSafe, time::Duration};

use async_graphql::Response;
use axum::body::Body;
use futures_util::{
    StreamExt,
    stream::{BoxStream, once},
};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use crate::graphql::Bookmark;

/// What a body says next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'s> {
    /// The answer begins.
    Begun,
    /// The client has everything up to this place, though nothing has come yet.
    At(&'s str),
    /// A result, and its place where it has one.
    Result(&'s Response, Option<&'s str>),
    /// Nothing has come for a while.
    Alive,
    /// Nothing more comes.
    Ended(Ending),
}

/// Why a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The operation did.
    Complete,
    /// The gateway stops, and the operation would have gone on.
    Stopping,
    /// The operation panicked.
    Panicked,
}

/// What comes in one answer.
pub(super) struct Results {
    /// The results.
    pub(super) responses: BoxStream<'static, Response>,
    /// Whether they may come for ever, so that a stop ends them.
    pub(super) last: bool,
    /// The place that they have come to.
    pub(super) bookmark: Bookmark,
}

impl Results {
    /// One result.
    pub(super) fn one(response: Response) -> Self {
        let responses = once(async { response }).boxed();
        Self { responses, last: false, bookmark: Bookmark::default() }
    }
}

/// A body that says what comes, in the words of `write`, with a sign of life whenever nothing comes for the time of a
/// heartbeat. It holds its room among the live connections until it ends or the client is gone.
pub(super) fn body(
    results: Results,
    write: fn(Step<'_>) -> String,
    heartbeat: Duration,
    stop: CancellationToken,
    held: impl Send + 'static,
) -> Body {
    let Results { responses, last, bookmark } = results;
    let mut responses = AssertUnwindSafe(responses).catch_unwind();
    Body::from_stream(async_stream::stream! {
        let _held = held;
        let mut heartbeats = interval_at(Instant::now() + heartbeat, heartbeat);
        heartbeats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_placed = false;
        yield Ok::<_, Infallible>(write(Step::Begun));
        let ending = loop {
            let text = tokio::select! {
                biased;
                () = stop.cancelled(), if last => break Ending::Stopping,
                given = responses.next() => match given {
                    Some(Ok(response)) => {
                        is_placed = true;
                        heartbeats.reset();
                        write(Step::Result(&response, bookmark.reached().as_deref()))
                    }
                    Some(Err(_)) => break Ending::Panicked,
                    // The feed hears of the stop, too, and may be the first to end.
                    None if last && stop.is_cancelled() => break Ending::Stopping,
                    None => break Ending::Complete,
                },
                place = bookmark.begun(), if !is_placed => {
                    is_placed = true;
                    write(Step::At(place))
                }
                _ = heartbeats.tick() => write(Step::Alive),
            };
            if !text.is_empty() {
                yield Ok(text);
            }
        };
        yield Ok(write(Step::Ended(ending)));
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::value;
    use futures_util::stream;

    use super::*;
    use crate::http::graphql::{events, parts};

    const BEAT: Duration = Duration::from_secs(15);

    async fn written(results: Results, write: fn(Step<'_>) -> String, stop: &CancellationToken) -> String {
        let body = body(results, write, BEAT, stop.clone(), ());
        String::from_utf8(axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap()
    }

    fn results(responses: impl futures_util::Stream<Item = Response> + Send + 'static) -> Results {
        Results { responses: responses.boxed(), last: true, bookmark: Bookmark::default() }
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
        let text = written(numbers(), events::write, &CancellationToken::new()).await;
        let next = |number| format!("event: next\ndata: {{\"data\":{{\"n\":{number}}}}}\n\n");
        assert_eq!(text, format!(":\n\n{}{}event: complete\ndata:\n\n", next(1), next(2)));
    }

    #[tokio::test]
    async fn parts_are_payloads_with_a_boundary_behind_each() {
        let text = written(numbers(), parts::write, &CancellationToken::new()).await;
        let part = |number| {
            format!("\r\nContent-Type: application/json\r\n\r\n{{\"payload\":{{\"data\":{{\"n\":{number}}}}}}}\r\n--graphql")
        };
        assert_eq!(text, format!("\r\n--graphql{}{}--\r\n", part(1), part(2)));
    }

    #[tokio::test]
    async fn a_panic_ends_its_stream_with_an_error() {
        let stop = CancellationToken::new();
        let text = written(panics(), events::write, &stop).await;
        assert!(text.contains(r#""code":"INTERNAL""#) && text.ends_with("event: complete\ndata:\n\n"), "{text}");
        let text = written(panics(), parts::write, &stop).await;
        assert!(text.contains(r#""code":"INTERNAL""#) && text.contains(r#""payload":null"#), "{text}");
        assert!(text.ends_with("\r\n--graphql--\r\n"), "{text}");
    }

    #[tokio::test]
    async fn a_stop_ends_what_would_go_on_and_lets_the_rest_finish() {
        let stop = CancellationToken::new();
        stop.cancel();
        assert_eq!(written(results(stream::pending()), events::write, &stop).await, ":\n\n");
        let text = written(results(stream::pending()), parts::write, &stop).await;
        assert!(text.contains(r#""code":"UNAVAILABLE""#) && text.ends_with("\r\n--graphql--\r\n"), "{text}");
        let query = Results::one(Response::new(value!({ "n": 1 })));
        assert!(written(query, events::write, &stop).await.ends_with("event: complete\ndata:\n\n"));
    }

    #[tokio::test]
    async fn a_silent_stream_gives_signs_of_life() {
        let beat = Duration::from_millis(20);
        for (write, sign) in [
            (events::write as fn(Step<'_>) -> String, ":\n\n"),
            (parts::write, "\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql"),
        ] {
            let body = body(results(stream::pending()), write, beat, CancellationToken::new(), ());
            let said: Vec<_> = body.into_data_stream().skip(1).take(2).map(Result::unwrap).collect().await;
            assert_eq!(said, [sign, sign]);
        }
    }
}
