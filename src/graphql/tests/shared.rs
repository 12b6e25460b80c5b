//! What subscriptions share: the store is read once for a change, for any number of followers.

use std::{sync::PoisonError, time::Duration};

use async_graphql::{Executor, Response, Variables};
use futures_util::{
    StreamExt,
    future::{join_all, select},
    stream::BoxStream,
};
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{Desk, customer, message, request};

/// The number of rounds until every follower is live. New followers read the store themselves at first.
const ROUNDS: usize = 20;

/// A subscription to the messages that match a filter, after a cursor. All of them send the same document.
fn added(desk: &Desk, after: &Value, filter: &Value) -> BoxStream<'static, Response> {
    selecting(desk, "{ sourceId }", after, filter)
}

/// A subscription that selects this of each message.
fn selecting(desk: &Desk, selection: &str, after: &Value, filter: &Value) -> BoxStream<'static, Response> {
    let query = format!(
        "subscription($after: String, $filter: MessageFilter) {{ \
         messageAdded(after: $after, filter: $filter) {{ message {selection} }} }}"
    );
    let variables = Variables::from_json(json!({ "after": after, "filter": filter }));
    desk.schema.execute_stream(request(&query).variables(variables), None)
}

/// Subscriptions, each in its own task as on a server.
struct Followers(Vec<UnboundedReceiver<Value>>);

impl Followers {
    /// One subscription for each filter, from now on.
    async fn of(desk: &Desk, filters: impl IntoIterator<Item = &Value>) -> Self {
        let head = desk.data("{ head }").await["head"].take();
        let follow = |filter| {
            let mut stream = added(desk, &head, filter);
            let (sent, received) = unbounded_channel();
            tokio::spawn(async move {
                while let Some(response) = stream.next().await {
                    assert!(response.errors.is_empty(), "{:?}", response.errors);
                    let id = super::data(response)["messageAdded"]["message"]["sourceId"].take();
                    let _ = sent.send(id);
                }
            });
            received
        };
        Self(filters.into_iter().map(follow).collect())
    }

    /// The next message of each subscription.
    async fn next(&mut self) -> Vec<Value> {
        let next = join_all(self.0.iter_mut().map(async |received| received.recv().await.unwrap()));
        tokio::time::timeout(Duration::from_mins(1), next).await.unwrap()
    }
}

/// The number of statements that read messages, from now on.
fn reads_of_messages(desk: &Desk) -> usize {
    reads_of(desk, ["message"])[0]
}

/// The number of statements that read each of these tables, from now on.
fn reads_of<const N: usize>(desk: &Desk, tables: [&str; N]) -> [usize; N] {
    let statements = std::mem::take(&mut *desk.statements.lock().unwrap_or_else(PoisonError::into_inner));
    tables.map(|table| statements.iter().filter(|sql| sql.contains(&format!(r#"FROM "{table}""#))).count())
}

/// The smallest cost of a round, which stores one message in each of several conversations of different customers at once.
async fn cheapest_round(desk: &Desk, conversations: usize, filters: &[(Value, usize)]) -> usize {
    let customers: Vec<_> = (0..conversations).map(|n| customer(&format!("c{n}"), &format!("z{n}"))).collect();
    desk.store(&customers).await;
    let mut followers = Followers::of(desk, filters.iter().map(|(filter, _)| filter)).await;
    let mut least = usize::MAX;
    for round in 0..ROUNDS {
        reads_of_messages(desk);
        let sent = (0..conversations).map(|n| message(&format!("m{n}-{round}"), &format!("k{n}"), &format!("z{n}")));
        desk.store(&sent.collect::<Vec<_>>()).await;
        let expected: Vec<Value> = filters.iter().map(|(_, n)| json!(format!("m{n}-{round}"))).collect();
        assert_eq!(followers.next().await, expected);
        least = least.min(reads_of_messages(desk));
    }
    least
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_object_is_read_once_for_any_number_of_subscriptions() {
    for subscriptions in [2, 40] {
        let desk = Desk::open().await;
        let filters: Vec<_> =
            (0..subscriptions).map(|n| (json!({ "conversationId": { "eq": format!("con_k{n}") } }), n)).collect();
        // One to find the topics concerned, one to write the payloads.
        assert_eq!(cheapest_round(&desk, subscriptions, &filters).await, 2, "{subscriptions}");
    }
}

/// Selections that read different columns, the same links with different fields, and links with different arguments. Some can't be
/// read together: those with a list.
const SELECTIONS: [&str; 9] = [
    "{ id text }",
    "{ sentAt id sender { name } conversation { id contact { name } lastMessageAt } }",
    "{ __typename conversation { messageCount customer { id name } } attachments { name url } }",
    "{ customer { phone manager { id name } customFields(keys: [\"cf_points\"]) { key value } } }",
    "{ customer { name customFields { key } socialAccounts { platform platformName } } text }",
    "{ customer { customFields(keys: [\"cf_city\"]) { key value } } readBy { id } }",
    "{ who: customer { name } c: conversation { id assignees { id name } } }",
    "{ conversation { unreadCount messages(first: 2) { totalCount nodes { id } } } text }",
    "{ text: customer { text: name } id: conversation { id: lastMessage { text } } }",
];

#[tokio::test(flavor = "multi_thread")]
async fn different_documents_share_what_is_read_of_an_object_and_its_links() {
    let desk = Desk::open().await;
    desk.store(&[customer("c", "z")]).await;
    let head = desk.data("{ head }").await["head"].take();
    let mut followers: Vec<_> = SELECTIONS.iter().map(|selection| selecting(&desk, selection, &head, &Value::Null)).collect();
    let mut least = [usize::MAX; 3];
    for round in 0..ROUNDS {
        reads_of_messages(&desk);
        desk.store(&[message(&format!("m{round}"), "k", "z")]).await;
        let payloads = join_all(followers.iter_mut().map(StreamExt::next));
        let payloads = tokio::time::timeout(Duration::from_mins(1), payloads).await.unwrap();
        for (reads, least) in reads_of(&desk, ["message", "customer", "conversation"]).into_iter().zip(&mut least) {
            *least = reads.min(*least);
        }
        for (selection, payload) in SELECTIONS.iter().zip(payloads) {
            let payload = payload.unwrap();
            assert!(payload.errors.is_empty(), "{selection}: {:?}", payload.errors);
            let query = format!("{{ message(id: \"msg_zalo_m{round}\") {selection} }}");
            assert_eq!(super::data(payload)["messageAdded"]["message"], desk.data(&query).await["message"], "{selection}");
        }
    }
    // Messages: for all documents without lists, for the one with a list, the last message of the conversation, the list and its
    // length. Customers: of the message, and of its conversation. Conversations: for all without lists, and for the one with.
    assert_eq!(least, [5, 2, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_evaluates_equal_filters_once() {
    let desk = Desk::open().await;
    let by_customer = |n| json!({ "customer": { "name": { "eq": format!("Khách c{n}") } } });
    let filters: Vec<_> = (0..30).map(|n| (by_customer(n % 3), n % 3)).collect();
    // The messages, one statement for each of three filters, and the selected fields.
    assert_eq!(cheapest_round(&desk, 5, &filters).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_can_not_be_read_in_time_is_delivered_to_all_later() {
    let desk = Desk::with_statement_time(Duration::from_secs(2)).await;
    let by_customer = json!({ "customer": { "name": { "eq": "Khách c" } } });
    let filters = [json!({ "conversationId": { "eq": "con_k" } }), by_customer, Value::Null];
    let mut followers = Followers::of(&desk, (0..12).map(|n| &filters[n % 3])).await;
    desk.store(&[customer("c", "z"), message("m1", "k", "z")]).await;
    assert!(followers.next().await.iter().all(|id| id == "m1"));

    // While messages can't be read, nothing can be stored either, so the change is repeated by hand.
    desk.stall_messages().await;
    let db = Database::connect(desk.url()).await.unwrap();
    let again = r#"INSERT INTO "change" ("position", "seq", "subject_type", "subject_id", "kind")
                   SELECT (SELECT max("position") + 1 FROM "change"), "seq", "subject_type", "subject_id", "kind"
                   FROM "change" WHERE "subject_type" = 'message'"#;
    db.execute_unprepared(again).await.unwrap();
    reads_of_messages(&desk);
    desk.feed.wake();
    let shown = async {
        while reads_of_messages(&desk) == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        desk.restore_messages().await;
    };
    let (again, ()) = tokio::join!(followers.next(), shown);
    assert!(again.iter().all(|id| id == "m1"), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_dropped_in_the_middle_of_a_read_does_not_delay_others() {
    let desk = Desk::open().await;
    let head = desk.data("{ head }").await["head"].take();
    let [mut left, mut other] = [(); 2].map(|()| added(&desk, &head, &Value::Null));
    let mut shared = false;
    for round in 0..ROUNDS {
        // Wait until they are live.
        let both = select(left.next(), other.next());
        assert!(tokio::time::timeout(Duration::from_millis(50), both).await.is_err(), "nothing was sent");
        reads_of_messages(&desk);
        desk.store(&[message(&format!("m{round}"), "k", "z")]).await;
        let mut given = None;
        while given.is_none() && desk.statements.lock().unwrap().is_empty() {
            given = futures_util::poll!(left.next()).is_ready().then_some(());
            tokio::task::yield_now().await;
        }
        tokio::time::timeout(Duration::from_mins(1), other.next()).await.unwrap().unwrap();
        shared |= given.is_none() && reads_of_messages(&desk) == 1;
        if given.is_none() {
            left.next().await.unwrap();
        }
    }
    assert!(shared);
}
