//! A real server on a free port, of a small schema that counts its open streams.

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

/// The number that the server assigns to an operation.
#[derive(Clone, Copy)]
struct Number(usize);

/// The counters of the schema.
#[derive(Clone)]
pub(crate) struct Streams {
    /// The number of open streams.
    pub(crate) open: watch::Sender<usize>,
    /// The number of items that endless streams have produced.
    pub(crate) produced: Arc<AtomicUsize>,
}

/// Counts a stream as open until dropped.
struct Open(watch::Sender<usize>);

impl Open {
    fn new(streams: &Streams) -> Self {
        streams.open.send_modify(|open| *open += 1);
        Self(streams.open.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
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
        let open = Open::new(&streams);
        stream::repeat_with(move || {
            let _ = &open;
            streams.produced.fetch_add(1, Ordering::Relaxed);
            "x".repeat(bytes)
        })
    }

    /// Never ready.
    async fn never(&self, ctx: &Context<'_>) -> impl Stream<Item = i32> + use<> {
        let open = Open::new(ctx.data_unchecked::<Streams>());
        stream::poll_fn(move |_| {
            let _ = &open;
            std::task::Poll::Pending
        })
    }

    /// Fails instead of returning a stream.
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
        let streams = Streams { open: watch::Sender::new(0), produced: Arc::default() };
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

    /// A socket of the current protocol before `connection_init`.
    pub(crate) async fn connect(&self) -> Client {
        Client::connect(&self.base).await
    }

    /// A socket of the current protocol after the acknowledgement.
    pub(crate) async fn ready(&self) -> Client {
        Client::ready(&self.base).await
    }

    /// Waits until this many streams of the schema are open.
    pub(crate) async fn until_open(&self, expected: usize) {
        let mut open = self.streams.open.subscribe();
        timeout(PATIENCE, open.wait_for(|open| *open == expected)).await.expect("in time").expect("the server has the sender");
    }

    /// Waits until no socket is open.
    pub(crate) async fn closed(&self) {
        timeout(PATIENCE, self.sockets.closed()).await.expect("in time");
    }
}

async fn upgrade(State(sockets): State<Sockets<Executor>>, head: Parts, upgrade: Upgrade) -> Response {
    sockets.upgrade(head, upgrade)
}
