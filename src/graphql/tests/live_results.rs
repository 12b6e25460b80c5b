//! Live pages and live statistics: after every round, a client that applied the steps has the same result as the query.

use std::{collections::BTreeMap, time::Duration};

use async_graphql::{Executor, Response, Variables};
use futures_util::{FutureExt, StreamExt, stream::BoxStream};
use rand::{Rng, SeedableRng, rngs::SmallRng};
use serde_json::{Value, json};

use super::{Desk, customer, message, request, ticket};
use crate::{
    domain::{change::LiveCursor, kind::EventKind},
    graphql::Bookmark,
};

/// The number of rounds of events.
const ROUNDS: usize = 120;

/// A client of a live page.
struct Client {
    stream: BoxStream<'static, Response>,
    bookmark: Bookmark,
    live: &'static str,
    query: String,
    variables: Value,
    has: Option<Value>,
    payloads: usize,
}

/// The selected fields of a row, by the name of the list.
fn selection(list: &str) -> &'static str {
    match list {
        "conversations" => {
            "id unreadCount isClosed lastMessage { id text isRead } customer { id name statuses { name } } assignees { id name }"
        }
        "messages" => "id text isRead sentAt customer { id name } conversation { id unreadCount } readBy { name }",
        "customers" => "id name phone manager { name } conversations(first: 2) { totalCount nodes { id unreadCount } }",
        _ => "id name isOverdue dueAt status customer { id name } assignee { name }",
    }
}

/// The types of the filter and the order of a list.
fn type_of(list: &str) -> &'static str {
    match list {
        "conversations" => "Conversation",
        "messages" => "Message",
        "customers" => "Customer",
        _ => "Ticket",
    }
}

impl Client {
    fn of(desk: &Desk, list: &'static str, filter: &Value, order: &Value, first: usize, after: Option<&str>) -> Self {
        let (selected, of) = (selection(list), type_of(list));
        let arguments = "filter: $filter, orderBy: $order, first: $first";
        let definitions = format!("$filter: {of}Filter, $order: {of}Order, $first: Int");
        let text = format!(
            "subscription({definitions}, $after: String) {{ {list}Live({arguments}, after: $after) {{ \
             cursor totalCount page {{ {selected} }} steps {{ kind id afterId node {{ {selected} }} }} }} }}"
        );
        let query = format!("query({definitions}) {{ {list}({arguments}) {{ totalCount nodes {{ {selected} }} }} }}");
        let variables = json!({ "filter": filter, "order": order, "first": first });
        let mut sent = variables.clone();
        sent["after"] = after.into();
        let mut request = request(&text).variables(Variables::from_json(sent));
        let bookmark = Bookmark::default();
        request.data.insert(bookmark.clone());
        let stream = desk.schema.execute_stream(request, None);
        Self { stream, bookmark, live: list, query, variables, has: None, payloads: 0 }
    }

    fn position(&self) -> i64 {
        self.bookmark.progress().and_then(|cursor| LiveCursor::decode(&cursor)).map_or(-1, |cursor| cursor.position)
    }

    /// Takes payloads until everything up to a position has been processed.
    async fn reach(&mut self, position: i64) {
        let reached = async {
            while self.has.is_none() || self.position() < position {
                match self.stream.next().now_or_never() {
                    Some(response) => self.take(response.expect("the subscription continues")),
                    None => tokio::time::sleep(Duration::from_millis(2)).await,
                }
            }
        };
        tokio::time::timeout(Duration::from_mins(1), reached).await.expect("in time");
    }

    fn take(&mut self, response: Response) {
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        let mut payload = super::data(response)[format!("{}Live", self.live)].take();
        self.payloads += 1;
        let steps = payload["steps"].as_array().unwrap().clone();
        if !payload["page"].is_null() {
            assert!(steps.is_empty(), "a page has no steps");
            self.has = Some(json!({ "totalCount": payload["totalCount"], "nodes": payload["page"].take() }));
            return;
        }
        let has = self.has.get_or_insert_with(|| json!({ "totalCount": -1, "nodes": [] }));
        let before = has.clone();
        has["totalCount"] = payload["totalCount"].clone();
        let rows = has["nodes"].as_array_mut().unwrap();
        for step in &steps {
            apply(rows, step);
        }
        assert!(*has != before, "a payload without a change: {payload}");
    }

    async fn compare(&self, desk: &Desk) {
        let request = request(&self.query).variables(Variables::from_json(self.variables.clone()));
        let expected = super::data(desk.schema.execute(request).await);
        assert_eq!(self.has.as_ref(), Some(&expected[self.live]), "{} {}", self.live, self.variables);
    }
}

fn apply(rows: &mut Vec<Value>, step: &Value) {
    let place = |rows: &Vec<Value>, id: &Value| rows.iter().position(|row| row["id"] == *id);
    let at = place(rows, &step["id"]);
    match step["kind"].as_str().unwrap() {
        "UPDATED" => {
            let at = at.expect("an updated row is there");
            assert_ne!(rows[at], step["node"], "an update without a change");
            rows[at] = step["node"].clone();
        }
        "LEFT" => {
            rows.remove(at.expect("a row that leaves is there"));
        }
        kind => {
            assert_eq!(kind == "MOVED", at.is_some(), "{step}");
            if let Some(at) = at {
                rows.remove(at);
            }
            let behind = if step["afterId"].is_null() { 0 } else { place(rows, &step["afterId"]).unwrap() + 1 };
            rows.insert(behind, step["node"].clone());
        }
    }
}

/// A random event in a small world, so that most events concern the same few objects.
fn event(random: &mut SmallRng, number: usize) -> (EventKind, Value) {
    let contact = random.random_range(0..6);
    match random.random_range(0..10) {
        0 => {
            let mut customer = customer(&format!("c{contact}"), &format!("z{contact}"));
            customer.1["system_name"] = json!(format!("Name {}", random.random_range(0..5)));
            customer.1["manager"] = json!({ "_id": "m1", "full_name": format!("Lê {}", random.random_range(0..2)) });
            customer.1["updatedAt"] = json!(format!("2025-09-02T00:{:02}:{:02}Z", number / 60 % 60, number % 60));
            customer
        }
        1 => {
            let mut ticket = ticket(&format!("t{contact}"), &format!("c{}", random.random_range(0..6)));
            ticket.1["name"] = json!(format!("Ticket {}", random.random_range(0..4)));
            ticket.1["status"] = json!(["process", "done"][random.random_range(0..2)]);
            ticket.1["date_updated_timestamp"] = json!(1_758_793_000 + number);
            ticket
        }
        2 => (EventKind::CustomerDeleted, json!({ "id": format!("c{contact}") })),
        _ => {
            let mut message =
                message(&format!("m{}", random.random_range(0..60)), &format!("k{contact}"), &format!("z{contact}"));
            message.1["time"] = json!(1_758_791_400_000_i64 + random.random_range(0..50) * 1000);
            message.1["is_read"] = json!(random.random_range(0..2));
            message.1["message"] = json!(format!("text{}", random.random_range(0..5)));
            message.1["assign_by"] = json!([format!("m{}", random.random_range(1..3))]);
            message
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_page_equals_the_query_after_every_round() {
    let desk = Desk::open().await;
    let mut random = SmallRng::seed_from_u64(7);
    let descending = |field: &str| json!({ "field": field, "direction": "DESC" });
    let lists: Vec<(&'static str, Value, Value, usize)> = vec![
        ("conversations", Value::Null, Value::Null, 3),
        ("conversations", json!({ "unreadCount": { "gt": 0 } }), descending("UNREAD_COUNT"), 2),
        ("conversations", json!({ "assignees": { "some": { "id": { "eq": "m1" } } } }), Value::Null, 20),
        ("conversations", json!({ "customer": { "name": { "contains": "name 1" } } }), Value::Null, 2),
        ("messages", json!({ "conversationId": { "eq": "k1" } }), Value::Null, 4),
        ("messages", json!({ "text": { "contains": "text1" } }), json!({ "field": "SENT_AT", "direction": "ASC" }), 5),
        ("messages", json!({ "customerId": { "eq": "c2" } }), Value::Null, 3),
        ("customers", Value::Null, json!({ "field": "NAME", "direction": "ASC" }), 3),
        ("customers", json!({ "conversations": { "some": { "unreadCount": { "gt": 1 } } } }), descending("UPDATED_AT"), 2),
        ("tickets", json!({ "isOverdue": { "eq": true } }), descending("DUE_AT"), 2),
        ("tickets", Value::Null, Value::Null, 0),
    ];
    let mut clients: Vec<Client> =
        lists.iter().map(|(list, filter, order, first)| Client::of(&desk, list, filter, order, *first, None)).collect();
    let mut payloads = BTreeMap::<&str, usize>::new();
    for round in 0..ROUNDS {
        let events: Vec<_> = (0..random.random_range(1..4)).map(|n| event(&mut random, round * 4 + n)).collect();
        desk.store(&events).await;
        let head = desk.data("{ head }").await["head"].as_str().and_then(LiveCursor::decode).unwrap().position;
        for (client, (list, filter, order, first)) in clients.iter_mut().zip(&lists) {
            client.reach(head).await;
            client.compare(&desk).await;
            // Occasionally a client resumes with its last cursor.
            if random.random_bool(0.05) {
                let (cursor, has) = (client.bookmark.progress(), client.has.take());
                let mut again = Client::of(&desk, list, filter, order, *first, cursor.as_deref());
                again.has = has.clone();
                let response = again.stream.next().await.unwrap();
                let payload = super::data(response)[format!("{list}Live")].take();
                assert!(payload["page"].is_null() && payload["steps"] == json!([]), "nothing has changed: {payload}");
                *payloads.entry(list).or_default() += client.payloads;
                *client = again;
            }
        }
    }
    for client in &clients {
        *payloads.entry(client.live).or_default() += client.payloads;
    }
    assert!(payloads.values().all(|count| *count > 20), "{payloads:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_page_does_not_delay_another() {
    // The limit for a statement is much longer than the other page may take.
    let desk = Desk::with_statement_time(Duration::from_secs(30)).await;
    let mut tickets = Client::of(&desk, "tickets", &Value::Null, &Value::Null, 5, None);
    tickets.reach(0).await;
    desk.store(&[message("m1", "k1", "z1")]).await;
    desk.stall_messages().await;
    let mut slow = Client::of(&desk, "messages", &Value::Null, &Value::Null, 5, None);
    desk.statements.lock().unwrap().clear();
    assert!(slow.stream.next().now_or_never().is_none());
    let read = async {
        while !desk.statements.lock().unwrap().iter().any(|sql| sql.contains(r#"FROM "message""#)) {
            assert!(slow.stream.next().now_or_never().is_none());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), read).await.expect("the slow page is read");
    desk.store(&[ticket("t1", "c1")]).await;
    let payload = tokio::time::timeout(Duration::from_secs(15), tickets.stream.next()).await;
    tickets.take(payload.expect("the other page gets a payload").unwrap());
    assert_eq!(tickets.has.unwrap()["totalCount"], 1);
}
