//! The story behind the API, in this process and without a network, with responses as bytes.

use std::sync::Arc;

use async_graphql::{Executor, Request, Response, Value as Constant, Variables};
use deskgraph::{
    clock::Clock,
    config::Config,
    domain::{scope::Scope, time::Timestamp},
    feed::Feed,
    graphql::{self, Api, Role, Viewer, limits::Limits, role::Rules},
    metrics::Metrics,
    store::{Options, Store},
};
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::story::{Delivery, Hidden};
use crate::support::{PATIENCE, app::NOW, database::Database, desk::Desk};

/// A gateway's API over a store.
pub(super) struct Gateway {
    api: Api,
    store: Store,
    /// The live cursor from before the first event.
    pub(super) start: String,
    stop: CancellationToken,
    _database: Database,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// As sent.
    pub(super) data: String,
    /// As sent, without request ids.
    pub(super) errors: Vec<Value>,
}

impl Answer {
    fn of(response: &Response) -> Self {
        let data = match &response.data {
            Constant::Binary(json) => String::from_utf8(json.to_vec()).unwrap(),
            data => serde_json::to_string(data).unwrap(),
        };
        let errors = response.errors.iter().map(|error| {
            let mut error = serde_json::to_value(error).unwrap();
            if let Some(extensions) = error["extensions"].as_object_mut() {
                extensions.remove("requestId");
            }
            error
        });
        Self { data, errors: errors.collect() }
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap()
    }

    /// Whether it was refused because of the role, with no other data.
    pub(super) fn is_forbidden(&self) -> bool {
        self.data == "null" && self.errors.len() == 1 && self.errors[0]["extensions"]["code"] == "FORBIDDEN"
    }
}

impl Gateway {
    /// A gateway that received the story without the hidden objects. Each delivery has the same arrival as in the whole story.
    pub(super) async fn open(story: &[Delivery], without: &Hidden, roles: &[Arc<Role>]) -> Self {
        let desk = Desk::new().await;
        for (delivery, seconds) in story.iter().zip(0..) {
            if !without.contains(delivery.about.as_str()) {
                desk.deliver(200_000 + seconds, delivery.kind, delivery.payload.clone()).await;
            }
        }
        let Desk { store, database } = desk;
        store.close().await.unwrap();
        // A small number, so that a hidden match displacing a visible one would be detected.
        let options =
            Options { search_matches: 3, acquire_timeout: PATIENCE, ..Config::defaults_at(database.url()).store().unwrap() };
        Self::over(Store::open(&options).await.unwrap(), database, roles).await
    }

    async fn over(store: Store, database: Database, roles: &[Arc<Role>]) -> Self {
        let start = store.reader(Scope::Everything).live_cursor(0).to_string();
        let stop = CancellationToken::new();
        let feed = Feed::start(&store, Metrics::default(), stop.clone()).await.unwrap();
        let usual = Config::defaults().limits();
        // Raised limits, since whole trees and dozens of lists are requested at once.
        let [query_bytes, tokens, selections, aliases, input, complexity, comparisons] = [u64::MAX >> 8; 7];
        let limits =
            Limits { query_bytes, tokens, selections, aliases, input, complexity, comparisons, root_fields: 100, ..usual };
        let clock = Clock::fixed(Timestamp::parse_rfc3339(NOW).unwrap());
        let api = graphql::api(store.clone(), &feed, clock, limits, roles);
        Self { api, store, start, stop, _database: database }
    }

    pub(super) async fn ask(&self, viewer: &Viewer, query: &str, variables: Value) -> Answer {
        let request = request(viewer, query, variables);
        Answer::of(&Box::pin(Executor::execute(&self.api, request)).await)
    }

    /// The data of a query, which must succeed.
    pub(super) async fn data(&self, viewer: &Viewer, query: &str) -> Value {
        let answer = self.ask(viewer, query, json!({})).await;
        assert_eq!(answer.errors, [""; 0], "{query}");
        answer.json()
    }

    pub(super) fn follow(&self, viewer: &Viewer, query: &str) -> impl Stream<Item = Answer> + Unpin + use<> {
        let variables = json!({ "after": self.start });
        Executor::execute_stream(&self.api, request(viewer, query, variables), None).map(|response| Answer::of(&response))
    }

    /// Indexes the texts, so that searches use the indexes instead of scanning.
    pub(super) async fn index(&self) {
        self.store.index_searched().await.unwrap();
    }

    pub(super) async fn close(self) {
        self.stop.cancel();
        self.store.close().await.unwrap();
    }
}

fn request(viewer: &Viewer, query: &str, variables: Value) -> Request {
    let mut request = Request::new(query).variables(Variables::from_json(variables));
    request.data = graphql::request_data(viewer.clone());
    request
}

/// A role with these rules and a unique name.
pub(super) fn role(name: &str, rules: &Rules) -> Arc<Role> {
    Arc::new(Role::of(name, rules).unwrap())
}

/// A client with a role, optionally of a staff member.
pub(super) fn client(role: &Arc<Role>, staff: Option<&str>) -> Viewer {
    Viewer::with(role, staff.map(Arc::from).as_ref(), "client")
}
