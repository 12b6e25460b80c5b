//! A real server on a free port, of a small schema that says how many of its streams are alive.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{Context, Data, Object, Schema, Subscription};
use axum::{Router, extract::State, http::request::Parts, response::Response, routing::any};
use deskgraph::{
    config::Config,
    http::websocket::{Admitted, Hooks, Limits, OperationData, Refused, Sockets, Upgrade},
};
use futures_util::{
    FutureExt, Stream,
    future::{pending, ready},
    stream,
};
use serde_json::json;
use tokio::{sync::watch, time::timeout};
use tokio_tungstenite::tungstenite::Error;
use tokio_util::sync::CancellationToken;

use crate::support::{PATIENCE, websocket::Client};

pub(crate) type Executor = Schema<Query, Mutation, Subscriptions>;

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
    base: String,
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
                    return ready(Err(Refused::Forbidden("Who are you?".to_owned()))).boxed();
                }
                let numbers = Arc::clone(&numbers);
                let operation_data: OperationData = Arc::new(move || {
                    let mut data = Data::default();
                    data.insert(Number(numbers.fetch_add(1, Ordering::Relaxed)));
                    data
                });
                ready(Ok(Admitted { operation_data, ended: pending().boxed() })).boxed()
            }),
        };
        let sockets = Sockets::new(schema, limits, hooks, stop.clone());
        let router = Router::new().route("/graphql", any(upgrade)).with_state(sockets.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, sockets, stop, streams }
    }

    pub(crate) async fn new() -> Self {
        Self::with(limits()).await
    }

    /// A socket that offers these sub-protocols, with one more header.
    pub(crate) async fn open(&self, protocols: Option<&str>, header: Option<(&'static str, &str)>) -> Result<Client, Error> {
        Client::open(&self.base, protocols, header).await
    }

    /// A socket of the current protocol on which nothing was said.
    pub(crate) async fn connect(&self) -> Client {
        Client::connect(&self.base).await
    }

    /// A socket of the current protocol on which operations can be started.
    pub(crate) async fn ready(&self) -> Client {
        Client::ready(&self.base).await
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

async fn upgrade(State(sockets): State<Sockets<Executor>>, head: Parts, upgrade: Upgrade) -> Response {
    sockets.upgrade(head, upgrade)
}
