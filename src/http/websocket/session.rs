//! One connection, from the upgrade to the close frame, in one task and one loop.
//!
//! Each iteration does the first of these that is ready: stop with the server, handle a timer, read one message, take one
//! result, send. So messages take precedence over results: `complete` and `ping` are handled even if a stream is busy.
//! Consecutive results that are ready are sent together.
//!
//! Back-pressure: nothing is read or polled while the socket is full. So a connection never holds more outgoing frames than
//! that, and a slow client delays only itself.
//!
//! Progress: each ping reports to the client, by cursors, how far its operations have read. At this point every result taken so
//! far has been written to the socket, so a cursor never passes a result that was not written.
//!
//! Most connections are idle most of the time. So the futures of rare steps are boxed to keep an idle session small.

use std::{future::ready, pin::pin, sync::Arc, task::Poll, time::Duration};

use async_graphql::{Executor, ServerError};
use axum::http::request::Parts;
use futures_util::future::poll_fn;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tungstenite::{Error as SocketError, Message, error::ProtocolError};

use super::{
    super::answer::{is_request_error, panicked},
    Admitted, Permit, Refused, Shared,
    closing::Closing,
    operations::{Operations, Outcome},
    protocol::{Incoming, Invalid, Object, Outgoing, Protocol},
    socket::Socket,
    timers::{Due, Timers},
};
use crate::graphql::{
    Bookmark,
    error::{Exceeded, Limit},
};

/// The time limit of the closing handshake.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a socket stays open after a close frame if nothing more can be read from it. Closing it immediately would reset the
/// connection, and the client could lose the frame.
const LINGER: Duration = Duration::from_secs(1);

/// A write that took at least this long and then succeeded proves that the client is alive.
const STALL: Duration = Duration::from_secs(1);

/// How a session ends.
enum Ending {
    /// The server closes it.
    Close(Closing),
    /// The client has closed it.
    Closed,
    /// The connection is lost.
    Lost,
}

/// The state of one connection.
pub(super) struct Session<E> {
    socket: Socket,
    protocol: Protocol,
    shared: Arc<Shared<E>>,
    /// The head of the upgrade, until `connection_init` has arrived.
    head: Option<Box<Parts>>,
    /// `None` until the client is admitted.
    admitted: Option<Admitted>,
    operations: Operations,
    timers: Timers,
    /// Counts as a live connection until dropped.
    _permit: Permit,
}

impl From<Refused> for Ending {
    fn from(refused: Refused) -> Self {
        Self::Close(match refused {
            Refused::Unauthorized => Closing::Unauthorized,
            Refused::Forbidden(why) => Closing::Forbidden(why),
            Refused::Limited => Closing::Limited,
            Refused::Unavailable => Closing::Unavailable,
        })
    }
}

/// Waits until the client's credential ends. The session then ends, so this is not called again.
async fn ended(admitted: &mut Option<Admitted>) -> Refused {
    match admitted {
        Some(admitted) => (&mut admitted.ended).await,
        None => std::future::pending().await,
    }
}

/// Closes a socket whose client offered no supported sub-protocol.
pub(super) async fn refuse(mut socket: Socket, _permit: Permit) {
    close(&mut socket, None, &Closing::SubprotocolNotAcceptable).await;
}

impl<E: Executor> Session<E> {
    /// Creates the session of a new socket. Boxed, since a future holds values moved into it twice.
    pub(super) fn new(socket: Socket, protocol: Protocol, head: Box<Parts>, shared: Arc<Shared<E>>, permit: Permit) -> Box<Self> {
        // Spread out the pings of connections that were opened at the same time.
        let first_ping = shared.limits.ping_interval.mul_f64(rand::random_range(0.5..=1.0));
        let now = Instant::now();
        let timers = Timers::new(now, &shared.limits).with_first_ping(now + first_ping);
        Box::new(Self {
            socket,
            protocol,
            head: Some(head),
            admitted: None,
            operations: Operations::default(),
            timers,
            shared,
            _permit: permit,
        })
    }

    /// Serves the client until either side closes the connection.
    pub(super) async fn run(mut self: Box<Self>) {
        let ending = self.serve().await;
        self.operations.clear();
        match ending {
            Ending::Close(closing) => Box::pin(close(&mut self.socket, Some(self.protocol), &closing)).await,
            Ending::Closed => Box::pin(drain(&mut self.socket)).await,
            Ending::Lost => tracing::debug!("websocket connection lost"),
        }
    }

    async fn serve(&mut self) -> Ending {
        let shared = Arc::clone(&self.shared);
        let mut stopped = pin!(shared.stop.cancelled());
        // Fires at the earliest deadline of the timers, or earlier.
        let mut alarm = pin!(sleep_until(self.timers.next()));
        loop {
            let done = tokio::select! {
                biased;
                () = &mut stopped => Err(Ending::Close(Closing::GoingAway)),
                refused = ended(&mut self.admitted) => Err(refused.into()),
                () = &mut alarm => self.on_timer(),
                received = self.socket.recv(), if !self.socket.is_full() => self.on_received(received).await,
                (place, outcome) = self.operations.next(), if !self.socket.is_full() => self.on_outcome(place, outcome),
                // Nothing else is ready.
                () = ready(()), if self.socket.is_waiting() => self.flush().await,
            };
            if let Err(ending) = done {
                return ending;
            }
            if self.operations.is_empty() {
                self.timers.idle(&self.shared.limits, Instant::now);
            } else {
                self.timers.busy();
            }
            if self.timers.next() < alarm.deadline() || alarm.is_elapsed() {
                alarm.as_mut().reset(self.timers.next());
            }
        }
    }

    fn on_timer(&mut self) -> Result<(), Ending> {
        match self.timers.due(Instant::now(), &self.shared.limits) {
            Due::Nothing => Ok(()),
            Due::Close(closing) => Err(Ending::Close(closing)),
            Due::Ping => {
                self.socket.ping();
                match self.protocol {
                    Protocol::Transport => self.tell_progress(),
                    Protocol::Legacy if self.admitted.is_some() => self.send(Outgoing::KeepAlive),
                    Protocol::Legacy => Ok(()),
                }
            }
        }
    }

    /// Reports to the client how far its operations have read, if that has changed.
    fn tell_progress(&mut self) -> Result<(), Ending> {
        let mut cursors = Vec::new();
        for operation in self.operations.iter_mut() {
            if let Some(progress) = operation.bookmark.progress()
                && operation.last_sent.as_deref() != Some(&*progress)
            {
                cursors.push((&*operation.id, &**operation.last_sent.insert(progress.into())));
            }
        }
        if cursors.is_empty() {
            return Ok(());
        }
        let limit = self.shared.limits.max_response_bytes;
        let message = Outgoing::Progress { cursors: &cursors };
        feed(&mut self.socket, self.protocol, limit, message).map_err(unsayable)
    }

    async fn on_received(&mut self, received: Option<Result<Message, SocketError>>) -> Result<(), Ending> {
        let message = received.ok_or(Ending::Lost)?.map_err(|error| self.unreadable(&error))?;
        self.timers.alive();
        match message {
            Message::Text(text) => match self.protocol.decode(&text) {
                Ok(Incoming::Init(payload)) => Box::pin(self.on_init(payload)).await,
                Ok(message) => self.on_message(message),
                Err(invalid) => self.on_invalid(invalid),
            },
            Message::Binary(_) => self.on_invalid(Invalid::new("a binary message")),
            // The socket has queued the pong. It is flushed before the next read, so that a flood of pings can't accumulate
            // pongs.
            Message::Ping(_) => self.flush().await,
            Message::Pong(_) | Message::Frame(_) => Ok(()),
            Message::Close(_) => Err(Ending::Closed),
        }
    }

    /// The end of the session after a read error.
    fn unreadable(&self, error: &SocketError) -> Ending {
        match error {
            SocketError::Capacity(_) => Ending::Close(Closing::TooBig(self.shared.limits.max_message_bytes)),
            SocketError::Utf8(_) => Ending::Close(Closing::NotUtf8),
            SocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Ending::Lost,
            SocketError::Protocol(_) => Ending::Close(Closing::NotWebSocket),
            _ => Ending::Lost,
        }
    }

    fn on_message(&mut self, message: Incoming) -> Result<(), Ending> {
        match message {
            Incoming::Init(_) => Err(Ending::Close(Closing::TooManyInits)),
            Incoming::Ping(payload) => self.send(Outgoing::Pong(payload)),
            Incoming::Pong => Ok(()),
            Incoming::Start { id, request } => self.start(id, *request),
            Incoming::Stop { id } => {
                self.operations.stop(&id);
                Ok(())
            }
            Incoming::Terminate => Err(Ending::Close(Closing::Done)),
        }
    }

    /// Handles an invalid message: the current protocol closes the socket; the older one sends an error and continues.
    fn on_invalid(&mut self, Invalid { id, reason }: Invalid) -> Result<(), Ending> {
        match self.protocol {
            Protocol::Transport => Err(Ending::Close(Closing::BadMessage(reason))),
            Protocol::Legacy => self.send(Outgoing::Refusal { id: id.as_deref(), message: &reason }),
        }
    }

    async fn on_init(&mut self, payload: Object) -> Result<(), Ending> {
        let head = self.head.take().ok_or(Ending::Close(Closing::TooManyInits))?;
        self.timers.initialised();
        let admitted = self.shared.stop.run_until_cancelled((self.shared.hooks.admit)(head, payload)).await;
        self.admitted = Some(admitted.ok_or(Ending::Close(Closing::GoingAway))??);
        self.send(Outgoing::Ack)?;
        match self.protocol {
            Protocol::Transport => Ok(()),
            // The older protocol requires a keep-alive directly after the ack; after that, clients expect more of them.
            Protocol::Legacy => self.send(Outgoing::KeepAlive),
        }
    }

    fn start(&mut self, id: String, mut request: async_graphql::Request) -> Result<(), Ending> {
        let data = &self.admitted.as_ref().ok_or(Ending::Close(Closing::Unauthorized))?.operation_data;
        if self.operations.contains(&id) {
            match self.protocol {
                Protocol::Transport => return Err(Ending::Close(Closing::DuplicateId(id))),
                // In the older protocol, the new operation replaces the running one.
                Protocol::Legacy => self.operations.stop(&id),
            }
        }
        let limit = self.shared.limits.max_operations;
        if self.operations.len() >= limit {
            let exceeded = Exceeded::new(Limit::Operations, limit as u64, Some(limit as u64 + 1));
            let error = exceeded.error(format!("A connection may run {limit} operations at the same time"));
            return self.send(Outgoing::Error { id: &id, errors: &[error] });
        }
        let bookmark = Bookmark::default();
        request.data = data();
        request.data.insert(bookmark.clone());
        self.operations.start(id, bookmark, self.shared.executor.execute_stream(request, None));
        Ok(())
    }

    fn on_outcome(&mut self, place: usize, outcome: Option<Outcome>) -> Result<(), Ending> {
        let operation = self.operations.get_mut(place);
        let errors = match outcome {
            None => {
                let ended = self.operations.remove(place);
                return self.send(Outgoing::Complete { id: &ended.id });
            }
            Some(Ok(response)) if !operation.has_result && is_request_error(&response) => response.errors,
            Some(Ok(response)) => {
                let message = Outgoing::Next { id: &operation.id, response: &response };
                match feed(&mut self.socket, self.protocol, self.shared.limits.max_response_bytes, message) {
                    Ok(()) => {
                        operation.has_result = true;
                        return Ok(());
                    }
                    Err(error) => vec![error],
                }
            }
            Some(Err(_panic)) => vec![panicked()],
        };
        let failed = self.operations.remove(place);
        self.send(Outgoing::Error { id: &failed.id, errors: &errors })
    }

    fn send(&mut self, message: Outgoing<'_>) -> Result<(), Ending> {
        feed(&mut self.socket, self.protocol, self.shared.limits.max_response_bytes, message).map_err(unsayable)
    }

    /// Sends the waiting frames. Usually the connection accepts everything immediately.
    async fn flush(&mut self) -> Result<(), Ending> {
        match poll_fn(|context| Poll::Ready(self.socket.poll_flush(context))).await {
            Poll::Ready(flushed) => flushed.map_err(|_| Ending::Lost),
            Poll::Pending => Box::pin(self.flush_in_time()).await,
        }
    }

    /// Sends the waiting frames within the write timeout.
    async fn flush_in_time(&mut self) -> Result<(), Ending> {
        let limit = self.shared.limits.write_timeout;
        let started = Instant::now();
        tokio::select! {
            biased;
            flushed = self.socket.flush() => flushed.map_err(|_| Ending::Lost)?,
            refused = ended(&mut self.admitted) => return Err(refused.into()),
            () = self.shared.stop.cancelled() => return Err(Ending::Close(Closing::GoingAway)),
            () = sleep(limit) => return Err(Ending::Close(Closing::NotReading(limit))),
        }
        if started.elapsed() >= STALL {
            self.timers.alive();
        }
        Ok(())
    }
}

/// Appends a message to the waiting frames, unless it exceeds the limit.
fn feed(socket: &mut Socket, protocol: Protocol, limit: usize, message: Outgoing<'_>) -> Result<(), ServerError> {
    socket.text(message.room(), limit, |out| protocol.encode(message, out)).map_err(|bytes| {
        let exceeded = Exceeded::new(Limit::ResponseBytes, limit as u64, Some(bytes as u64));
        exceeded.error(format!("A response may have {limit} bytes: request less data at a time"))
    })
}

/// The end of the session if even the error is too large to send: an echo of a large client message, or a long list of errors.
fn unsayable(error: ServerError) -> Ending {
    Ending::Close(Closing::BadMessage(error.message))
}

/// Sends the remaining frames and the close frame, and waits for the client's close frame, within [`CLOSE_TIMEOUT`].
async fn close(socket: &mut Socket, protocol: Option<Protocol>, closing: &Closing) {
    let reason = closing.reason();
    tracing::debug!(code = closing.code(), %reason, "websocket closed");
    // The older protocol sends the reason as a message before it closes.
    if let Some(protocol @ Protocol::Legacy) = protocol
        && closing.code() >= 4400
    {
        let _ = feed(socket, protocol, usize::MAX, Outgoing::Refusal { id: None, message: &reason });
    }
    if let Ok(Ok(())) = timeout(CLOSE_TIMEOUT, socket.close(closing.frame())).await {
        match closing {
            Closing::TooBig(_) | Closing::NotUtf8 | Closing::NotWebSocket => sleep(LINGER).await,
            _ => drain(socket).await,
        }
    }
}

/// Reads until the client closes, within [`CLOSE_TIMEOUT`].
async fn drain(socket: &mut Socket) {
    let _ = timeout(CLOSE_TIMEOUT, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
}
