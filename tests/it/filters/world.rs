//! The shop of `data` behind the API, in this process and without a network, and all of its objects as plain values: read
//! through the API without filters, each value under the name that filters use.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex},
};

use async_graphql::{Executor, Request, Response, Variables};
use deskgraph::{
    clock::Clock,
    config::Config,
    domain::{change::Relinked, scope::Scope, time::Timestamp},
    feed::Feed,
    graphql::{self, Api, Viewer},
    metrics::Metrics,
    store::{Appended, Store},
};
use futures_util::{Stream, StreamExt};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::{data, vocabulary::ObjectType};
use crate::support::{
    app::NOW,
    database::Database,
    desk::{Desk, entry},
};

/// The seed of the shop.
const SEED: u64 = 20_251_001;

/// What is read of each object: under the name of a filter field, a value or an object with a single value.
const SELECTIONS: [&str; 6] = [
    "global: id id: sourceId name phone email note telco status: statuses { name } managerId: manager { sourceId } createdById: createdBy { sourceId } createdAt updatedAt
     deletedAt customField: customFields { key value }",
    "global: id id: sourceId customerId: customer { sourceId } platform platformName channelId: channel { sourceId } isClosed chatMode
     contactId: contact { sourceId } contactName: contact { name } assignedAt startedAt lastMessageAt messageCount unreadCount assignees { sourceId }",
    "global: id id conversationId: conversation { sourceId } customerId: customer { sourceId } platform platformName direction type
     typeName text isRead sentAt createdAt senderId: sender { sourceId } senderName: sender { name } channelId: channel { sourceId }
     hasAttachments: attachments { url } readBy { sourceId }",
    "global: id id: sourceId name typeId level levelName status statusName customerId: customerSourceId storeId
     assigneeId: assignee { sourceId } createdById: createdBy { sourceId } createdAt dueAt updatedAt deletedAt isOverdue isReminded",
    "global: id id: sourceId name",
    "global: id id kind receivedAt subjects { id } payload",
];

/// The objects of the shop.
pub(super) struct World {
    things: Vec<Vec<Value>>,
    /// The canonical id of a ticket, by each of its ids.
    tickets: HashMap<String, String>,
}

/// A shop with its API.
pub(super) struct Shop {
    api: Api,
    store: Store,
    pub(super) world: World,
    /// The live cursor from before the first event.
    pub(super) start: String,
    /// The database statements.
    pub(super) statements: Arc<Mutex<Vec<String>>>,
    viewer: Viewer,
    stop: CancellationToken,
    _database: Option<Database>,
}

impl Shop {
    pub(super) async fn open() -> Self {
        let Desk { mut store, database } = Desk::new().await;
        let statements = Arc::<Mutex<Vec<String>>>::default();
        let recorded = Arc::clone(&statements);
        store.observe_reads(move |sql| recorded.lock().unwrap().push(sql.to_owned()));
        let now = Timestamp::parse_rfc3339(NOW).unwrap();
        let entries: Vec<_> = data::deliveries(SEED).into_iter().map(|(kind, payload)| entry(kind, &payload)).collect();
        for (batch, second) in entries.chunks(60).zip(0..) {
            let arrival = Timestamp::clamped(now.as_millis() - 3_600_000 + second * 1000);
            let stored = store.append(batch, arrival).await.unwrap();
            assert!(stored.iter().all(|stored| matches!(stored, Appended::Event { .. })), "{stored:?}");
        }
        let start = store.reader(Scope::Everything).live_cursor(0).to_string();
        let stop = CancellationToken::new();
        let feed = Feed::start(&store, Metrics::default(), stop.clone()).await.unwrap();
        let api = graphql::api(store.clone(), &feed, Clock::fixed(now), Config::defaults().limits(), []);
        let (viewer, database) = (Viewer::of_everything(), Some(database));
        let world = World { things: Vec::new(), tickets: HashMap::new() };
        Self { api, store, world, start, statements, viewer, stop, _database: database }.with_objects_read(&ObjectType::ALL).await
    }

    /// The same shop for another viewer, who may not see events.
    pub(super) async fn seen_by(&self, viewer: Viewer) -> Self {
        let Self { api, store, start, statements, stop, .. } = self;
        let (api, store, start, statements, stop) = (api.clone(), store.clone(), start.clone(), statements.clone(), stop.clone());
        let world = World { things: Vec::new(), tickets: HashMap::new() };
        Self { api, store, world, start, statements, viewer, stop, _database: None }
            .with_objects_read(&ObjectType::ALL[..5])
            .await
    }

    /// The shop with all of its objects read.
    async fn with_objects_read(mut self, all: &[ObjectType]) -> Self {
        let things = self.things(all).await;
        self.world = World { things, tickets: self.tickets().await };
        self
    }

    /// The data of a request, which must succeed.
    pub(super) async fn ask(&self, query: &str, variables: Value) -> Value {
        let response = Box::pin(Executor::execute(&self.api, self.request(query, variables.clone()))).await;
        data(&response, query, &variables)
    }

    /// The results of a subscription, which must succeed.
    pub(super) fn follow(&self, query: &str, variables: Value) -> impl Stream<Item = Value> + Unpin + use<> {
        let responses = Executor::execute_stream(&self.api, self.request(query, variables.clone()), None);
        let query = query.to_owned();
        responses.map(move |response| data(&response, &query, &variables))
    }

    fn request(&self, query: &str, variables: Value) -> Request {
        let mut request = Request::new(query).variables(Variables::from_json(variables));
        request.data = graphql::request_data(self.viewer.clone());
        request
    }

    async fn things(&self, of_all: &[ObjectType]) -> Vec<Vec<Value>> {
        let mut all = Vec::new();
        for &of in of_all {
            let deleted = if of.can_be_deleted() { ", includeDeleted: true" } else { "" };
            let query = format!(
                "query ($after: String) {{ list: {}(first: 200, after: $after{deleted}) {{
                   totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {} }} }} }}",
                of.list(),
                SELECTIONS[of as usize]
            );
            let (mut things, mut after) = (Vec::new(), Value::Null);
            loop {
                let mut list = self.ask(&query, json!({ "after": after })).await["list"].take();
                things.extend(list["nodes"].as_array().unwrap().iter().map(|node| flat(of, node)));
                if list["pageInfo"]["hasNextPage"] == false {
                    assert_eq!(list["totalCount"], things.len());
                    break;
                }
                after = list["pageInfo"]["endCursor"].take();
            }
            all.push(things);
        }
        all
    }

    async fn tickets(&self) -> HashMap<String, String> {
        let mut tickets = HashMap::new();
        for id in data::ticket_ids() {
            let found = self.ask("query ($id: ID!) { ticket(id: $id) { sourceId } }", json!({ "id": id })).await;
            if let Some(ticket) = found["ticket"]["sourceId"].as_str() {
                tickets.insert(id, ticket.to_owned());
            }
        }
        tickets
    }

    /// The changes of nothing but a link to a customer, by position.
    pub(super) async fn relinked(&self) -> HashMap<i64, Relinked> {
        let changes = self.store.reader(Scope::Everything).changes_after(0, 100_000).await.unwrap();
        changes.into_iter().filter_map(|change| Some((change.position, change.relinked?))).collect()
    }

    pub(super) async fn close(self) {
        self.stop.cancel();
        self.store.close().await.unwrap();
    }
}

fn data(response: &Response, query: &str, variables: &Value) -> Value {
    assert!(response.errors.is_empty(), "{query} {variables}: {:?}", response.errors);
    graphql::data(response).unwrap()
}

/// Runs a test in a runtime with a stack for deeply nested filters.
pub(super) fn run<F: Future<Output = ()> + Send + 'static>(test: F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { tokio::spawn(test).await }).unwrap();
}

/// An object with each value directly under its name.
fn flat(of: ObjectType, node: &Value) -> Value {
    let only = |value: &Value| match value {
        Value::Object(fields) if fields.len() == 1 => fields.values().next().unwrap().clone(),
        other => other.clone(),
    };
    let mut thing: Map<String, Value> = node
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Value::Array(items) => items.iter().map(only).collect(),
                value if name == "payload" => value.clone(),
                value => only(value),
            };
            (name.clone(), value)
        })
        .collect();
    match of {
        ObjectType::Message => {
            let key = thing["id"].as_str().unwrap().strip_prefix("msg_").unwrap().to_owned();
            thing.insert("id".to_owned(), key.into());
            let attached = thing["hasAttachments"] != json!([]);
            thing.insert("hasAttachments".to_owned(), attached.into());
        }
        ObjectType::Conversation => {
            let linked = !thing["customerId"].is_null();
            thing.insert("hasCustomer".to_owned(), linked.into());
        }
        ObjectType::Event => {
            // An object that was deleted before its first snapshot is no subject, although the event is about it.
            let payload = thing.remove("payload").unwrap();
            let ids = |prefix: &str, key: &str| -> Vec<Value> {
                let ids = match &payload[key] {
                    Value::Array(ids) => ids.clone(),
                    Value::Null => Vec::new(),
                    id => vec![id.clone()],
                };
                ids.iter().map(|id| json!(format!("{prefix}{}", id.as_str().unwrap()))).collect()
            };
            let named = match thing["kind"].as_str().unwrap() {
                "CUSTOMER_DELETED" => [ids("cus_", "deletedContactIds"), ids("cus_", "deletedPotentialIds")].concat(),
                "TICKET_DELETED" => ids("tkt_", "id"),
                _ => Vec::new(),
            };
            let subjects = thing["subjects"].as_array_mut().unwrap();
            subjects.extend(named);
        }
        ObjectType::Customer | ObjectType::Ticket | ObjectType::Staff => {}
    }
    thing.into()
}

impl World {
    pub(super) fn all(&self, of: ObjectType) -> &[Value] {
        &self.things[of as usize]
    }

    /// The global id of the last object.
    pub(super) fn last(&self, of: ObjectType) -> &Value {
        let last = match of {
            ObjectType::Event => self.all(of).first(),
            ObjectType::Message => self.by_id(of, &"zalo_last".into()),
            _ => self.by_id(of, &"last".into()),
        };
        &last.expect("the shop has a last one")["global"]
    }

    /// The object with this id of the CRM.
    pub(super) fn by_id(&self, of: ObjectType, id: &Value) -> Option<&Value> {
        self.all(of).iter().find(|thing| thing["id"] == *id)
    }

    /// The canonical id of a ticket, by any of its ids.
    pub(super) fn ticket<'a>(&'a self, id: &'a str) -> &'a str {
        self.tickets.get(id).map_or(id, String::as_str)
    }

    /// The values of all objects under a name.
    pub(super) fn values(&self, of: ObjectType, name: &str) -> Vec<&Value> {
        let mut values = Vec::new();
        for thing in self.all(of) {
            match &thing[name] {
                Value::Null => {}
                Value::Array(items) => values.extend(items.iter().filter(|item| !item.is_null())),
                value => values.push(value),
            }
        }
        values
    }
}
