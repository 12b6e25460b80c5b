//! One connection, from the upgrade to the close frame, in one task and one loop.
//!
//! Each iteration does the first of these that is ready: stop with the server, handle a timer, read one message, send one
//! result. Messages therefore come before results: `complete` and `ping` are handled however busy a stream is.
//!
//! Back-pressure: nothing is read or polled until the previous frame was flushed. A connection never holds more than one
//! outgoing frame, and a slow client delays nobody but itself.
//!
//! Most connections are idle most of the time. So the futures of rare steps are boxed, and an idle session stays small.

use std::{error::Error as _, pin::Pin, sync::Arc, time::Duration};

use async_graphql::{Executor, ServerError};
use axum::{
    extract::ws::{Message, WebSocket},
    http::request::Parts,
};
use futures_util::SinkExt;
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout};
use tungstenite::Error as SocketError;

use super::{
    super::answer::{coded, is_request_error, panicked},
    Admitted, Refused, Shared,
    closing::Closing,
    operations::{Operation, Operations, Outcome},
    protocol::{Incoming, Invalid, Object, Outgoing, Protocol},
    timers::{Due, Timers},
};
use crate::graphql::error::{Exceeded, Limit, code};

/// The time limit of the closing handshake.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a socket stays open after a close frame if nothing more can be read from it. Closing it at once would reset the
/// connection, and the client could lose the frame.
const LINGER: Duration = Duration::from_secs(1);

/// A write that took this long and then succeeded proves that the client is alive.
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
    socket: WebSocket,
    protocol: Protocol,
    shared: Arc<Shared<E>>,
    /// The head of the upgrade, until `connection_init` has arrived.
    head: Option<Box<Parts>>,
    /// `None` until the client is admitted.
    admitted: Option<Admitted>,
    operations: Operations,
    timers: Timers,
    /// Fires at the earliest deadline of `timers`, or before.
    alarm: Pin<Box<Sleep>>,
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

/// Waits until the client is admitted no longer. After that the session ends, so this is not called again.
async fn ended(admitted: &mut Option<Admitted>) -> Refused {
    match admitted {
        Some(admitted) => (&mut admitted.ended).await,
        None => std::future::pending().await,
    }
}

/// Closes a socket whose client offered no supported sub-protocol.
pub(super) async fn refuse(mut socket: WebSocket) {
    close(&mut socket, None, &Closing::SubprotocolNotAcceptable).await;
}

impl<E: Executor> Session<E> {
    /// Starts the session of a new socket.
    pub(super) fn new(socket: WebSocket, protocol: Protocol, head: Box<Parts>, shared: Arc<Shared<E>>) -> Self {
        let timers = Timers::new(Instant::now(), &shared.limits);
        Self {
            socket,
            protocol,
            head: Some(head),
            admitted: None,
            operations: Operations::default(),
            alarm: Box::pin(sleep_until(timers.next())),
            timers,
            shared,
        }
    }

    /// Serves the client until either side closes the connection.
    pub(super) async fn run(&mut self) {
        let ending = self.serve().await;
        self.operations.clear();
        match ending {
            Ending::Close(closing) => Box::pin(close(&mut self.socket, Some(self.protocol), &closing)).await,
            Ending::Closed => drain(&mut self.socket).await,
            Ending::Lost => tracing::debug!("websocket connection lost"),
        }
    }

    async fn serve(&mut self) -> Ending {
        let shared = Arc::clone(&self.shared);
        let mut stopped = std::pin::pin!(shared.stop.cancelled());
        loop {
            let done = tokio::select! {
                biased;
                () = &mut stopped => Err(Ending::Close(Closing::GoingAway)),
                refused = ended(&mut self.admitted) => Err(refused.into()),
                () = &mut self.alarm => Box::pin(self.on_timer()).await,
                received = self.socket.recv() => Box::pin(self.on_received(received)).await,
                Some((operation, outcome)) = self.operations.next() => Box::pin(self.on_outcome(operation, outcome)).await,
            };
            if let Err(ending) = done {
                return ending;
            }
            if self.operations.is_empty() {
                self.timers.idle(&self.shared.limits, Instant::now);
            } else {
                self.timers.busy();
            }
            if self.timers.next() < self.alarm.deadline() || self.alarm.is_elapsed() {
                self.alarm.as_mut().reset(self.timers.next());
            }
        }
    }

    async fn on_timer(&mut self) -> Result<(), Ending> {
        match self.timers.due(Instant::now(), &self.shared.limits) {
            Due::Nothing => Ok(()),
            Due::Close(closing) => Err(Ending::Close(closing)),
            Due::Ping => {
                if self.protocol == Protocol::Legacy && self.admitted.is_some() {
                    self.say(Outgoing::KeepAlive).await?;
                }
                self.write(Message::Ping(axum::body::Bytes::new())).await
            }
        }
    }

    async fn on_received(&mut self, received: Option<Result<Message, axum::Error>>) -> Result<(), Ending> {
        let message = received.ok_or(Ending::Lost)?.map_err(|error| self.unreadable(&error))?;
        self.timers.alive();
        match message {
            Message::Text(text) => match self.protocol.decode(&text) {
                Ok(message) => self.on_message(message).await,
                Err(invalid) => self.on_invalid(invalid).await,
            },
            Message::Binary(_) => self.on_invalid(Invalid::new("a binary message")).await,
            // The socket has queued the pong. It is flushed before more is read, so that a flood of pings cannot pile up pongs.
            Message::Ping(_) => self.flush().await,
            Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(Ending::Closed),
        }
    }

    /// How the session ends after a read error.
    fn unreadable(&self, error: &axum::Error) -> Ending {
        match error.source().and_then(|source| source.downcast_ref()) {
            Some(SocketError::Capacity(_)) => Ending::Close(Closing::TooBig(self.shared.limits.max_message_bytes)),
            Some(SocketError::Utf8(_)) => Ending::Close(Closing::NotUtf8),
            Some(SocketError::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake)) => Ending::Lost,
            Some(SocketError::Protocol(_)) => Ending::Close(Closing::NotWebSocket),
            _ => Ending::Lost,
        }
    }

    async fn on_message(&mut self, message: Incoming) -> Result<(), Ending> {
        match message {
            Incoming::Init(payload) => Box::pin(self.on_init(payload)).await,
            Incoming::Ping(payload) => self.say(Outgoing::Pong(payload)).await,
            Incoming::Pong => Ok(()),
            Incoming::Start { id, request } => self.start(id, *request).await,
            Incoming::Stop { id } => {
                self.operations.stop(&id);
                Ok(())
            }
            Incoming::Terminate => Err(Ending::Close(Closing::Done)),
        }
    }

    /// After an invalid message, the current protocol closes the socket; the older one sends an error and goes on.
    async fn on_invalid(&mut self, Invalid { id, reason }: Invalid) -> Result<(), Ending> {
        match self.protocol {
            Protocol::Transport => Err(Ending::Close(Closing::BadMessage(reason))),
            Protocol::Legacy => self.say(Outgoing::Refusal { id: id.as_deref(), message: &reason }).await,
        }
    }

    async fn on_init(&mut self, payload: Object) -> Result<(), Ending> {
        let head = self.head.take().ok_or(Ending::Close(Closing::TooManyInits))?;
        self.timers.initialised();
        let admitted = self.shared.stop.run_until_cancelled((self.shared.hooks.admit)(head, payload)).await;
        self.admitted = Some(admitted.ok_or(Ending::Close(Closing::GoingAway))??);
        self.say(Outgoing::Ack).await?;
        match self.protocol {
            Protocol::Transport => Ok(()),
            // The older protocol requires a keep-alive directly after the ack; clients then expect more of them.
            Protocol::Legacy => self.say(Outgoing::KeepAlive).await,
        }
    }

    async fn start(&mut self, id: String, mut request: async_graphql::Request) -> Result<(), Ending> {
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
            return self.say(Outgoing::Error { id: &id, errors: &[error] }).await;
        }
        request.data = data();
        self.operations.start(id, self.shared.executor.execute_stream(request, None));
        Ok(())
    }

    async fn on_outcome(&mut self, operation: Operation, outcome: Option<Outcome>) -> Result<(), Ending> {
        let Operation { ref id, has_result, .. } = operation;
        let errors = match outcome {
            None => return self.say(Outgoing::Complete { id }).await,
            Some(Ok(response)) if !has_result && is_request_error(&response) => response.errors,
            Some(Ok(response)) => match self.encode(Outgoing::Next { id, response: &response }) {
                Ok(frame) => {
                    self.write(frame).await?;
                    self.operations.resume(operation);
                    return Ok(());
                }
                Err(error) => vec![error],
            },
            Some(Err(_panic)) => vec![panicked()],
        };
        self.operations.stop(id);
        self.say(Outgoing::Error { id, errors: &errors }).await
    }

    /// Encodes a message, if it is not larger than the limit.
    fn encode(&self, message: Outgoing<'_>) -> Result<Message, ServerError> {
        let limit = self.shared.limits.max_response_bytes;
        match self.protocol.encode(message) {
            Ok(text) if text.len() <= limit => Ok(Message::text(text)),
            Ok(text) => {
                let exceeded = Exceeded::new(Limit::ResponseBytes, limit as u64, Some(text.len() as u64));
                Err(exceeded.error(format!("A response may have {limit} bytes: request less data at a time")))
            }
            Err(error) => {
                tracing::error!(%error, "encoding a message failed");
                Err(coded(code::INTERNAL, "Internal error"))
            }
        }
    }

    async fn say(&mut self, message: Outgoing<'_>) -> Result<(), Ending> {
        // Only an echo of a large client message, or a long list of errors, can be too large here.
        let frame = self.encode(message).map_err(|error| Ending::Close(Closing::BadMessage(error.message)))?;
        self.write(frame).await
    }

    async fn write(&mut self, frame: Message) -> Result<(), Ending> {
        self.socket.feed(frame).await.map_err(|_| Ending::Lost)?;
        self.flush().await
    }

    /// Flushes the socket, within the write timeout.
    async fn flush(&mut self) -> Result<(), Ending> {
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

/// Sends the close frame after what is still to be sent, and waits for the client's own, within [`CLOSE_TIMEOUT`].
async fn close(socket: &mut WebSocket, protocol: Option<Protocol>, closing: &Closing) {
    tracing::debug!(code = closing.code(), reason = %closing.reason(), "websocket closed");
    let refusal = Outgoing::Refusal { id: None, message: &closing.reason() };
    // The older protocol sends the reason as a message before it closes.
    let explanation = match protocol {
        Some(protocol @ Protocol::Legacy) if closing.code() >= 4400 => protocol.encode(refusal).ok(),
        _ => None,
    };
    let sent = async {
        if let Some(text) = explanation {
            socket.feed(Message::text(text)).await?;
        }
        socket.send(closing.frame()).await
    };
    if let Ok(Ok(())) = timeout(CLOSE_TIMEOUT, sent).await {
        match closing {
            Closing::TooBig(_) | Closing::NotUtf8 | Closing::NotWebSocket => sleep(LINGER).await,
            _ => drain(socket).await,
        }
    }
}

/// Reads until the client closes, within [`CLOSE_TIMEOUT`].
async fn drain(socket: &mut WebSocket) {
    let _ = timeout(CLOSE_TIMEOUT, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
}
