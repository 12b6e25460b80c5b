//! A real server on a free port with a small schema, and a client that says raw messages.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_graphql::{Context, Data, Object, Schema, Subscription};
use axum::{Router, extract::State, extract::ws::WebSocketUpgrade, http::HeaderMap, response::Response, routing::any};
use deskgraph::{
    config::Config,
    http::websocket::{Hooks, Limits, Refused, Sockets},
};
use futures_util::{SinkExt, Stream, StreamExt, stream};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::watch, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Error, Message, client::IntoClientRequest},
};
use tokio_util::sync::CancellationToken;

pub(crate) type Executor = Schema<Query, Mutation, Subscriptions>;

/// The time after which a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The number of an operation, given to it by the server.
#[derive(Clone, Copy)]
struct Number(usize);

/// What the schema tells of its streams.
#[derive(Clone)]
pub(crate) struct Streams {
    /// How many are alive.
    pub(crate) alive: watch::Sender<usize>,
    /// How many items the endless one gave.
    pub(crate) given: Arc<AtomicUsize>,
}

/// Counts a stream as long as it lives.
struct Alive(watch::Sender<usize>);

impl Alive {
    fn new(streams: &Streams) -> Self {
        streams.alive.send_modify(|alive| *alive += 1);
        Self(streams.alive.clone())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.send_modify(|alive| *alive -= 1);
    }
}

pub(crate) struct Query;

#[Object]
impl Query {
    async fn hello(&self, #[graphql(default_with = "\"world\".to_owned()")] name: String) -> String {
        format!("hello {name}")
    }

    /// Which operation of the server this is.
    async fn number(&self, ctx: &Context<'_>) -> usize {
        ctx.data_unchecked::<Number>().0
    }

    async fn text(&self, bytes: usize) -> String {
        "x".repeat(bytes)
    }

    async fn fails(&self) -> async_graphql::Result<i32> {
        std::future::ready(Err("no luck".into())).await
    }

    async fn panics(&self) -> i32 {
        std::hint::black_box(None).expect("a resolver panics")
    }
}

pub(crate) struct Mutation;

#[Object]
impl Mutation {
    async fn double(&self, number: i32) -> i32 {
        number * 2
    }
}

pub(crate) struct Subscriptions;

#[Subscription]
impl Subscriptions {
    /// 1, 2, … up to a number.
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }

    /// Always ready, without end.
    async fn flood(&self, ctx: &Context<'_>, #[graphql(default)] bytes: usize) -> impl Stream<Item = String> + use<> {
        let streams = ctx.data_unchecked::<Streams>().clone();
        let alive = Alive::new(&streams);
        stream::repeat_with(move || {
            let _ = &alive;
            streams.given.fetch_add(1, Ordering::Relaxed);
            "x".repeat(bytes)
        })
    }

    /// Never ready.
    async fn never(&self, ctx: &Context<'_>) -> impl Stream<Item = i32> + use<> {
        let alive = Alive::new(ctx.data_unchecked::<Streams>());
        stream::poll_fn(move |_| {
            let _ = &alive;
            std::task::Poll::Pending
        })
    }

    /// Has no stream to give.
    async fn refused(&self) -> async_graphql::Result<stream::Empty<i32>> {
        std::future::ready(Err("no such cursor".into())).await
    }
}

/// The limits that a gateway has by default.
pub(crate) fn limits() -> Limits {
    Config::defaults().websocket()
}

/// A server of the schema above.
pub(crate) struct Server {
    url: String,
    pub(crate) sockets: Sockets<Executor>,
    pub(crate) stop: CancellationToken,
    pub(crate) streams: Streams,
}

impl Server {
    /// A server with these limits. It refuses the origin `https://elsewhere.example` and the token `wrong`.
    pub(crate) async fn with(limits: Limits) -> Self {
        let streams = Streams { alive: watch::Sender::new(0), given: Arc::default() };
        let schema = Schema::build(Query, Mutation, Subscriptions).data(streams.clone()).finish();
        let stop = CancellationToken::new();
        let numbers = Arc::new(AtomicUsize::new(1));
        let hooks = Hooks {
            allow_origin: Box::new(|headers| headers.get("origin").is_none_or(|origin| origin != "https://elsewhere.example")),
            admit: Box::new(move |_, payload| {
                if payload.get("token") == Some(&json!("wrong")) {
                    return Err(Refused("Who are you?".to_owned()));
                }
                let numbers = Arc::clone(&numbers);
                Ok(Arc::new(move || {
                    let mut data = Data::default();
                    data.insert(Number(numbers.fetch_add(1, Ordering::Relaxed)));
                    data
                }))
            }),
        };
        let sockets = Sockets::new(schema, limits, hooks, stop.clone());
        let router = Router::new().route("/graphql", any(upgrade)).with_state(sockets.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("ws://{}/graphql", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, sockets, stop, streams }
    }

    pub(crate) async fn new() -> Self {
        Self::with(limits()).await
    }

    /// A socket that offers these sub-protocols, with one more header.
    pub(crate) async fn open(&self, protocols: Option<&str>, header: Option<(&'static str, &str)>) -> Result<Client, Error> {
        let mut request = self.url.as_str().into_client_request()?;
        for (name, value) in protocols.map(|names| ("sec-websocket-protocol", names)).into_iter().chain(header) {
            request.headers_mut().insert(name, value.parse().expect("a header value"));
        }
        let (socket, response) = tokio_tungstenite::connect_async(request).await?;
        let protocol = response.headers().get("sec-websocket-protocol").map(|name| name.to_str().expect("a name").to_owned());
        Ok(Client { socket, protocol })
    }

    /// A socket of the current protocol on which nothing was said.
    pub(crate) async fn connect(&self) -> Client {
        self.open(Some("graphql-transport-ws"), None).await.expect("a socket")
    }

    /// A socket of the current protocol on which operations can be started.
    pub(crate) async fn ready(&self) -> Client {
        let mut client = self.connect().await;
        client.say(json!({ "type": "connection_init" })).await;
        assert_eq!(client.hear().await, json!({ "type": "connection_ack" }));
        client
    }

    /// Waits until this many streams of the schema are alive.
    pub(crate) async fn alive(&self, expected: usize) {
        let mut alive = self.streams.alive.subscribe();
        timeout(PATIENCE, alive.wait_for(|alive| *alive == expected)).await.expect("in time").expect("the sender lives");
    }

    /// Waits until no socket is open.
    pub(crate) async fn closed(&self) {
        timeout(PATIENCE, self.sockets.closed()).await.expect("in time");
    }
}

async fn upgrade(State(sockets): State<Sockets<Executor>>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    sockets.upgrade(headers, upgrade)
}

/// One socket to a server.
pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) protocol: Option<String>,
}

impl Client {
    pub(crate) async fn send(&mut self, message: Message) {
        timeout(PATIENCE, self.socket.send(message)).await.expect("in time").expect("sent");
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    /// Starts an operation in the words of the current protocol.
    pub(crate) async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({ "type": "subscribe", "id": id, "payload": { "query": query } })).await;
    }

    /// The next frame, whatever it is.
    pub(crate) async fn frame(&mut self) -> Message {
        timeout(PATIENCE, self.socket.next()).await.expect("in time").expect("a frame").expect("a whole one")
    }

    /// The next message.
    pub(crate) async fn hear(&mut self) -> Value {
        loop {
            match self.frame().await {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("expected a message, got {other:?}"),
            }
        }
    }

    /// The code and the reason of the close frame, after whatever comes before it.
    pub(crate) async fn close(mut self) -> (u16, String) {
        loop {
            if let Message::Close(frame) = self.frame().await {
                let frame = frame.expect("a close frame with a code");
                return (frame.code.into(), frame.reason.to_string());
            }
        }
    }

    /// Shows that all that was said before has been heeded: what came until the answer to a ping.
    pub(crate) async fn until_pong(&mut self) -> Vec<Value> {
        self.say(json!({ "type": "ping", "payload": { "mark": true } })).await;
        let mut before = Vec::new();
        loop {
            match self.hear().await {
                pong if pong == json!({ "type": "pong", "payload": { "mark": true } }) => return before,
                message => before.push(message),
            }
        }
    }
}
