//! The limit as a process: a bare axum server with one path for each case.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    http::{HeaderName, header::CONTENT_TYPE},
    routing::post,
    serve::ListenerExt,
};
use deskgraph::domain::{id::NodeId, page::Cursor, time::Timestamp};
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::{cases::Case, postgres::Pool, sqlite};

/// A request in the gateway's format. Its document is known beforehand.
#[derive(Deserialize)]
pub(crate) struct Request<'a> {
    #[serde(borrow)]
    pub(crate) variables: Variables<'a>,
}

/// The variables of all cases.
#[derive(Deserialize)]
pub(crate) struct Variables<'a> {
    id: Option<&'a str>,
    after: Option<&'a str>,
    platform: Option<&'a str>,
    from: Option<&'a str>,
    to: Option<&'a str>,
    pub(crate) needle: Option<&'a str>,
}

impl Variables<'_> {
    pub(crate) fn key(&self) -> String {
        match self.id.unwrap().parse() {
            Ok(NodeId::Message(key)) => key,
            _ => panic!("the id of a message"),
        }
    }

    pub(crate) fn cursor(&self) -> Cursor {
        Cursor::decode(self.after.unwrap()).unwrap()
    }

    pub(crate) fn platform_key(&self) -> String {
        self.platform.unwrap().to_ascii_lowercase()
    }

    pub(crate) fn sent_from(&self) -> i64 {
        Timestamp::parse_rfc3339(self.from.unwrap()).unwrap().as_millis()
    }

    pub(crate) fn sent_until(&self) -> i64 {
        Timestamp::parse_rfc3339(self.to.unwrap()).unwrap().as_millis()
    }
}

/// Serves a store on a free port, and prints its address.
pub(crate) async fn serve(database_url: &str) {
    let pool = if database_url.starts_with("sqlite:") {
        sqlite::read_from(database_url);
        None
    } else {
        Some(Arc::new(Pool::open(database_url).await))
    };
    let mut router = Router::new();
    for case in Case::ALL.iter().copied() {
        let pool = pool.clone();
        router = router.route(case.path(), post(async move |body: Bytes| answer(case, pool, body).await));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    axum::serve(listener, router).await.unwrap();
}

async fn answer(case: Case, pool: Option<Arc<Pool>>, body: Bytes) -> ([(HeaderName, &'static str); 1], Vec<u8>) {
    let Request { variables } = serde_json::from_slice(&body).unwrap();
    let answer = match pool {
        Some(pool) => pool.answer(case, &variables).await,
        None => sqlite::answer(case, &variables),
    };
    ([(CONTENT_TYPE, "application/json")], answer)
}
