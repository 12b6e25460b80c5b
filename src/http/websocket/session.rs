//! One connection, from the upgrade to the close frame, in one task and one loop.
//!
//! Each turn of the loop does the first of these that can be done: stop with the server, look at the clock, read one
//! message, send one result. So a client's own messages come before its results (`complete` and `ping` are heeded however
//! busy a stream is), and nothing is read or polled before what was written has gone out. That is the whole flow control:
//! a connection never holds more than one outgoing frame, and a client can hold up nobody but itself.
//!
//! Most connections wait most of the time. So what happens now and then is boxed: a waiting one does not hold the room for it.

use std::{error::Error as _, pin::Pin, sync::Arc, time::Duration};

use async_graphql::{Executor, ServerError};
use axum::{
    extract::ws::{Message, WebSocket},
    http::HeaderMap,
};
use futures_util::SinkExt;
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout};
use tungstenite::Error as SocketError;

use super::{
    super::answer::{coded, is_request_error, panicked},
    OperationData, Shared,
    closing::Closing,
    operations::{Given, Operation, Operations},
    protocol::{Incoming, Invalid, Object, Outgoing, Protocol},
    watch::{Due, Watch},
};
use crate::graphql::error::{Exceeded, Limit, code};

/// How long a closed socket may take to say goodbye.
const CLOSE_GRACE: Duration = Duration::from_secs(3);

/// How long a socket stays open after a close frame when nothing more can be read from it. To shut it at once would make
/// some systems throw the frame away unread.
const LINGER: Duration = Duration::from_secs(1);

/// A write that waited this long and then went out proves that the client reads.
const STALL: Duration = Duration::from_secs(1);

/// Why a session ends.
enum Ending {
    /// The server closes it.
    Close(Closing),
    /// The client closed it.
    Closed,
    /// The connection is lost.
    Lost,
}

/// The state of one connection.
pub(super) struct Session<E> {
    socket: WebSocket,
    protocol: Protocol,
    shared: Arc<Shared<E>>,
    /// The headers of the upgrade, until `connection_init` is decided on.
    headers: Option<Box<HeaderMap>>,
    /// What operations are executed with, once the client may start them.
    admitted: Option<OperationData>,
    operations: Operations,
    watch: Watch,
    alarm: Pin<Box<Sleep>>,
}

/// Closes a socket whose client speaks no protocol of ours.
pub(super) async fn refuse(mut socket: WebSocket) {
    say_goodbye(&mut socket, None, &Closing::SubprotocolNotAcceptable).await;
}

impl<E: Executor> Session<E> {
    /// A session on a socket that was just opened.
    pub(super) fn new(socket: WebSocket, protocol: Protocol, headers: HeaderMap, shared: Arc<Shared<E>>) -> Self {
        let watch = Watch::new(Instant::now(), &shared.limits);
        Self {
            socket,
            protocol,
            headers: Some(Box::new(headers)),
            admitted: None,
            operations: Operations::default(),
            alarm: Box::pin(sleep_until(watch.next())),
            watch,
            shared,
        }
    }

    /// Serves the client until either side ends it.
    pub(super) async fn run(&mut self) {
        let ending = self.converse().await;
        self.operations.clear();
        match ending {
            Ending::Close(closing) => Box::pin(say_goodbye(&mut self.socket, Some(self.protocol), &closing)).await,
            Ending::Closed => drain(&mut self.socket).await,
            Ending::Lost => tracing::debug!("websocket lost"),
        }
    }

    async fn converse(&mut self) -> Ending {
        let shared = Arc::clone(&self.shared);
        let mut stopped = std::pin::pin!(shared.stop.cancelled());
        loop {
            let done = tokio::select! {
                biased;
                () = &mut stopped => Err(Ending::Close(Closing::GoingAway)),
                () = &mut self.alarm => Box::pin(self.clock()).await,
                heard = self.socket.recv() => Box::pin(self.heard(heard)).await,
                Some((operation, given)) = self.operations.next() => Box::pin(self.given(operation, given)).await,
            };
            if let Err(ending) = done {
                return ending;
            }
            if self.operations.is_empty() {
                self.watch.idle(&self.shared.limits, Instant::now);
            } else {
                self.watch.busy();
            }
            if self.watch.next() < self.alarm.deadline() || self.alarm.is_elapsed() {
                self.alarm.as_mut().reset(self.watch.next());
            }
        }
    }

    async fn clock(&mut self) -> Result<(), Ending> {
        match self.watch.due(Instant::now(), &self.shared.limits) {
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

    async fn heard(&mut self, heard: Option<Result<Message, axum::Error>>) -> Result<(), Ending> {
        let message = heard.ok_or(Ending::Lost)?.map_err(|error| self.unreadable(&error))?;
        self.watch.heard();
        match message {
            Message::Text(text) => match self.protocol.decode(&text) {
                Ok(message) => self.obey(message).await,
                Err(invalid) => self.invalid(invalid).await,
            },
            Message::Binary(_) => self.invalid(Invalid::new("a binary message")).await,
            // The socket has its answer ready; it goes out before more is read, or a flood of pings would pile up answers.
            Message::Ping(_) => self.flush().await,
            Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(Ending::Closed),
        }
    }

    /// Why a socket can no longer be read.
    fn unreadable(&self, error: &axum::Error) -> Ending {
        match error.source().and_then(|source| source.downcast_ref()) {
            Some(SocketError::Capacity(_)) => Ending::Close(Closing::TooBig(self.shared.limits.max_message_bytes)),
            Some(SocketError::Utf8(_)) => Ending::Close(Closing::NotUtf8),
            Some(SocketError::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake)) => Ending::Lost,
            Some(SocketError::Protocol(_)) => Ending::Close(Closing::NotWebSocket),
            _ => Ending::Lost,
        }
    }

    async fn obey(&mut self, message: Incoming) -> Result<(), Ending> {
        match message {
            Incoming::Init(payload) => self.init(&payload).await,
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

    /// The current protocol closes the socket over an invalid message; the older one says so and goes on.
    async fn invalid(&mut self, Invalid { id, reason }: Invalid) -> Result<(), Ending> {
        match self.protocol {
            Protocol::Transport => Err(Ending::Close(Closing::BadMessage(reason))),
            Protocol::Legacy => self.say(Outgoing::Refusal { id: id.as_deref(), message: &reason }).await,
        }
    }

    async fn init(&mut self, payload: &Object) -> Result<(), Ending> {
        let headers = self.headers.take().ok_or(Ending::Close(Closing::TooManyInits))?;
        self.watch.begun();
        let refused = |super::Refused(why)| Ending::Close(Closing::Forbidden(why));
        self.admitted = Some((self.shared.hooks.admit)(&headers, payload).map_err(refused)?);
        self.say(Outgoing::Ack).await?;
        match self.protocol {
            Protocol::Transport => Ok(()),
            // Clients of the older protocol watch the connection from the first keep-alive on.
            Protocol::Legacy => self.say(Outgoing::KeepAlive).await,
        }
    }

    async fn start(&mut self, id: String, mut request: async_graphql::Request) -> Result<(), Ending> {
        let data = self.admitted.as_ref().ok_or(Ending::Close(Closing::Unauthorized))?;
        if self.operations.contains(&id) {
            match self.protocol {
                Protocol::Transport => return Err(Ending::Close(Closing::DuplicateId(id))),
                // The older protocol lets an operation take the place of another.
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

    async fn given(&mut self, operation: Operation, given: Option<Given>) -> Result<(), Ending> {
        let Operation { ref id, answered, .. } = operation;
        let errors = match given {
            None => return self.say(Outgoing::Complete { id }).await,
            Some(Ok(response)) if !answered && is_request_error(&response) => response.errors,
            Some(Ok(response)) => match self.encode(Outgoing::Next { id, response: &response }) {
                Ok(frame) => {
                    self.write(frame).await?;
                    self.operations.resume(operation);
                    return Ok(());
                }
                Err(error) => vec![error],
            },
            Some(Err(_panic)) => {
                vec![panicked()]
            }
        };
        self.operations.stop(id);
        self.say(Outgoing::Error { id, errors: &errors }).await
    }

    /// A message as a frame, if it keeps to the limit.
    fn encode(&self, message: Outgoing<'_>) -> Result<Message, ServerError> {
        let limit = self.shared.limits.max_response_bytes;
        match self.protocol.encode(message) {
            Ok(text) if text.len() <= limit => Ok(Message::text(text)),
            Ok(text) => {
                let exceeded = Exceeded::new(Limit::ResponseBytes, limit as u64, Some(text.len() as u64));
                Err(exceeded.error(format!("A response may have {limit} bytes: request less data at a time")))
            }
            Err(error) => {
                tracing::error!(%error, "a response cannot be written");
                Err(coded(code::INTERNAL, "Internal error"))
            }
        }
    }

    async fn say(&mut self, message: Outgoing<'_>) -> Result<(), Ending> {
        // What is too long here repeats a long message of the client, or is a pile of errors.
        let frame = self.encode(message).map_err(|error| Ending::Close(Closing::BadMessage(error.message)))?;
        self.write(frame).await
    }

    async fn write(&mut self, frame: Message) -> Result<(), Ending> {
        self.socket.feed(frame).await.map_err(|_| Ending::Lost)?;
        self.flush().await
    }

    /// Waits until all that was written has gone out, but not for ever.
    async fn flush(&mut self) -> Result<(), Ending> {
        let limit = self.shared.limits.write_timeout;
        let began = Instant::now();
        tokio::select! {
            biased;
            flushed = self.socket.flush() => flushed.map_err(|_| Ending::Lost)?,
            () = self.shared.stop.cancelled() => return Err(Ending::Close(Closing::GoingAway)),
            () = sleep(limit) => return Err(Ending::Close(Closing::NotReading(limit))),
        }
        if began.elapsed() >= STALL {
            self.watch.heard();
        }
        Ok(())
    }
}

/// Sends the close frame behind whatever is still to go out, and waits a little for the client's own.
async fn say_goodbye(socket: &mut WebSocket, protocol: Option<Protocol>, closing: &Closing) {
    tracing::debug!(code = closing.code(), reason = %closing.reason(), "websocket closed");
    let refusal = Outgoing::Refusal { id: None, message: &closing.reason() };
    // The older protocol says in a message why it closes.
    let farewell = match protocol {
        Some(protocol @ Protocol::Legacy) if closing.code() >= 4400 => protocol.encode(refusal).ok(),
        _ => None,
    };
    let goodbye = async {
        if let Some(text) = farewell {
            socket.feed(Message::text(text)).await?;
        }
        socket.send(closing.frame()).await
    };
    if let Ok(Ok(())) = timeout(CLOSE_GRACE, goodbye).await {
        match closing {
            Closing::TooBig(_) | Closing::NotUtf8 | Closing::NotWebSocket => sleep(LINGER).await,
            _ => drain(socket).await,
        }
    }
}

/// Reads until the client closes, but not for long.
async fn drain(socket: &mut WebSocket) {
    let _ = timeout(CLOSE_GRACE, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
}
