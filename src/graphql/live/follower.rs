//! A follower: the stream of one subscription's responses.
//!
//! A follower takes payloads from its topic as long as it keeps up. If it falls behind, and when it resumes, it reads the store
//! from its own position, batch by batch, until it reaches the payloads kept in the topic.

use std::{
    mem,
    panic::resume_unwind,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use async_graphql::{Name, Pos, Response, ServerError, Value};
use futures_util::{Stream, StreamExt, stream::BoxStream};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::{
    hub::Hub,
    registry::{
        Key,
        source::{Changes, Source},
    },
    topic::{Ended, Next, Payload, Place, Start, Topic},
};
use crate::{
    domain::change::LiveCursor,
    feed,
    graphql::{bookmark::Bookmark, completed::completed, error::Error, request_id::RequestId},
    metrics::{GaugeGuard, Metrics, Transport},
    retry::retry,
    store,
};

/// The delay before a required read of the store is retried.
const AGAIN: Duration = Duration::from_millis(100);

/// The number of attempts for a statement that exceeds its time limit.
const ATTEMPTS: u32 = 3;

/// The responses of a subscription.
pub(in crate::graphql) struct Follower {
    membership: Membership,
    place: Place,
    bookmark: Option<Bookmark>,
    /// What it needs to start.
    needs: Needs,
    /// The batches it reads from the store itself.
    alone: Option<BoxStream<'static, Result<Read, Error>>>,
    has_ended: bool,
    id: RequestId,
    /// The response key and the document position of the root field, for errors.
    root: Arc<(Name, Pos)>,
    transport: Transport,
    /// Whether it has had something from its topic, so that reading the store again means that it fell behind.
    has_followed: bool,
    /// Counts as a subscriber.
    _counted: GaugeGuard,
    /// Counts as one that reads alone, while it does.
    counted_alone: Option<GaugeGuard>,
}

/// What a new follower needs first.
pub(super) enum Needs {
    /// Only the payloads after its position.
    Payloads,
    /// The whole result, at its position or later.
    Start,
    /// The whole result, unless it has not changed since this cursor.
    StartUnlessSame(LiveCursor),
}

/// A result of reading the store.
enum Read {
    Payload(Payload),
    /// Nothing more up to this position.
    Through(i64),
    /// The gateway is stopping.
    Stopped,
}

/// The membership of one subscription in a topic.
pub(super) struct Membership {
    hub: Arc<Hub>,
    topic: Arc<Topic>,
    source: Source,
    key: Key,
    place: usize,
}

impl Membership {
    pub(super) fn new(hub: Arc<Hub>, topic: Arc<Topic>, source: Source, key: Key) -> Self {
        let place = topic.enter();
        Self { hub, topic, source, key, place }
    }

    /// The source of the topic.
    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    pub(super) fn topic(&self) -> &Arc<Topic> {
        &self.topic
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.topic.leave(self.place);
        self.hub.registry().leave(&self.key, &self.topic);
    }
}

impl Follower {
    /// A follower of everything after a position.
    pub(super) fn new(
        membership: Membership,
        position: i64,
        needs: Needs,
        bookmark: Option<Bookmark>,
        id: RequestId,
        root: Arc<(Name, Pos)>,
        transport: Transport,
    ) -> Self {
        let counted = membership.hub.feed.metrics().subscribers.of(transport).increment_until_drop();
        let place = Place::at(position);
        Self {
            membership,
            place,
            needs,
            bookmark,
            alone: None,
            has_ended: false,
            id,
            root,
            transport,
            has_followed: false,
            _counted: counted,
            counted_alone: None,
        }
    }

    fn metrics(&self) -> &Metrics {
        self.membership.hub.feed.metrics()
    }

    /// Notes that it is behind what its topic keeps.
    fn is_behind(&mut self) {
        let metrics = self.metrics();
        let counter = if self.has_followed { &metrics.demotions } else { &metrics.resumptions };
        counter.increment();
    }

    fn respond(&mut self, payload: Payload) -> Response {
        self.advance(payload.place, payload.fingerprint);
        let metrics = self.metrics();
        metrics.payloads.of(self.transport).increment();
        if let Some(arrived) = payload.arrived {
            metrics.webhook_to_subscriber.record_time(arrived.elapsed());
        }
        let mut response = Response::new(Value::Binary(payload.data));
        if payload.errors.is_empty() {
            return response;
        }
        response.errors = payload.errors.to_vec();
        completed(response, &self.id, None)
    }

    fn advance(&mut self, place: Place, page: Option<u64>) {
        self.place = place;
        if let Some(bookmark) = &self.bookmark {
            bookmark.reach(place.position, page);
        }
    }

    /// The last response: an error that ends the subscription.
    fn fail(&mut self, error: Error) -> Response {
        self.has_ended = true;
        failed(error, &self.root.0, self.root.1, &self.id)
    }
}

/// The response to a subscription that can't start or continue.
pub(super) fn failed(error: Error, key: &Name, pos: Pos, id: &RequestId) -> Response {
    let path = vec![async_graphql::PathSegment::Field(key.to_string())];
    let error = ServerError { path, ..async_graphql::Error::from(error).into_server_error(pos) };
    completed(Response::from_errors(vec![error]), id, None)
}

impl Stream for Follower {
    type Item = Response;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Response>> {
        let this = self.get_mut();
        loop {
            if this.has_ended {
                return Poll::Ready(None);
            }
            if let Some(alone) = &mut this.alone {
                match ready!(alone.poll_next_unpin(context)) {
                    Some(Ok(Read::Payload(payload))) => return Poll::Ready(Some(this.respond(payload))),
                    Some(Ok(Read::Through(position))) => this.advance(Place::at(position), None),
                    Some(Ok(Read::Stopped)) => this.has_ended = true,
                    Some(Err(error)) => return Poll::Ready(Some(this.fail(error))),
                    None => (this.alone, this.counted_alone) = (None, None),
                }
                continue;
            }
            if !matches!(this.needs, Needs::Payloads) {
                let Membership { hub, topic, source, place, .. } = &this.membership;
                let start = match topic.start(*place, this.place.position, context) {
                    Ok(start) => start,
                    Err(Next::Ended(Ended::Failed(error))) => return Poll::Ready(Some(this.fail(error))),
                    Err(Next::Ended(Ended::Stopped)) => {
                        this.has_ended = true;
                        continue;
                    }
                    Err(_) => {
                        hub.due.notify_one();
                        return Poll::Pending;
                    }
                };
                if let Needs::StartUnlessSame(cursor) = mem::replace(&mut this.needs, Needs::Payloads) {
                    this.alone = Some(resumed(hub.clone(), source.clone(), cursor.position, cursor.page, start).boxed());
                    continue;
                }
                return Poll::Ready(Some(this.respond(start.page)));
            }
            match this.membership.topic.next(this.membership.place, this.place, context) {
                Next::Payload(payload) => {
                    this.has_followed = true;
                    return Poll::Ready(Some(this.respond(payload)));
                }
                Next::Nothing => {
                    this.has_followed = true;
                    return Poll::Pending;
                }
                Next::Behind => {
                    this.is_behind();
                    match &this.membership.source {
                        Source::Changes(changes) => {
                            let Membership { hub, topic, .. } = &this.membership;
                            let alone = alone(hub.clone(), topic.clone(), changes.clone(), this.place.position);
                            this.alone = Some(alone.boxed());
                            this.counted_alone = Some(hub.feed.metrics().reading_alone.increment_until_drop());
                        }
                        Source::Result(_) => this.needs = Needs::Start,
                    }
                }
                Next::Ended(Ended::Stopped) => this.has_ended = true,
                Next::Ended(Ended::Failed(error)) => return Poll::Ready(Some(this.fail(error))),
            }
        }
    }
}

/// For a client that may already have the result: the state it has, by position and fingerprint.
fn resumed(
    hub: Arc<Hub>,
    source: Source,
    after: i64,
    had: Option<u64>,
    start: Start,
) -> impl Stream<Item = Result<Read, Error>> + Send {
    async_stream::try_stream! {
        let is_same = match start.page.fingerprint.filter(|_| had.is_some()) {
            Some(has) => had == Some(has),
            None => is_untouched(&hub, &source, after, start.page.place.position).await?,
        };
        yield Read::Payload(if is_same { start.unchanged } else { start.page });
    }
}

/// Whether no change between two positions can have changed a result, as far as one batch of changes tells.
async fn is_untouched(hub: &Hub, source: &Source, after: i64, end: i64) -> Result<bool, feed::Error> {
    let Source::Result(result) = source else { return Ok(false) };
    let batch = if after < end { hub.feed.after(after).await? } else { None };
    // Even without a change, the passing of time may have changed it.
    let Some(batch) = batch else { return Ok(!result.may_have_changed(&[])) };
    let until_end = batch.partition_point(|change| change.position <= end);
    let reaches_end = batch.last().is_some_and(|last| last.position >= end);
    Ok(reaches_end && !result.may_have_changed(&batch[..until_end]))
}

/// Reads what the topic would have delivered after a position, up to the payloads that it keeps.
fn alone(
    hub: Arc<Hub>,
    topic: Arc<Topic>,
    changes: Arc<dyn Changes>,
    mut position: i64,
) -> impl Stream<Item = Result<Read, Error>> + Send {
    async_stream::try_stream! {
        while position < topic.from() {
            let (shared, changes) = (hub.clone(), changes.clone());
            let read = async move {
                let _permit = shared.readers.acquire().await;
                let Some(batch) = shared.feed.after(position).await? else { return Ok(None) };
                let end = batch.last().map_or(position, |change| change.position);
                let payloads = patient(|| changes.payloads(batch.clone())).await;
                Ok::<_, feed::Error>(Some((payloads, end)))
            };
            // In its own task, so that a client that does not read the payloads holds no permit.
            let read = match AbortOnDropHandle::new(tokio::spawn(read.in_current_span())).await {
                Ok(read) => read?,
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => resume_unwind(panic),
                    Err(_stopped) => None,
                },
            };
            let Some((payloads, end)) = read else {
                if hub.feed.stop().is_cancelled() {
                    yield Read::Stopped;
                    return;
                }
                // The hub has read this far. A read that finds nothing sees an older state.
                sleep(AGAIN).await;
                continue;
            };
            for payload in payloads? {
                yield Read::Payload(payload);
            }
            position = end;
            yield Read::Through(position);
        }
    }
}

/// Reads from the store, retrying temporary errors.
async fn patient<T, F: Future<Output = Result<T, store::Error>>>(read: impl FnMut() -> F) -> Result<T, store::Error> {
    let mut timeouts = 0;
    let may_pass = |error: &store::Error| {
        timeouts += u32::from(error.is_timeout());
        error.is_unavailable() || (error.is_timeout() && timeouts < ATTEMPTS)
    };
    retry("reading the objects of changes", may_pass, read).await
}
