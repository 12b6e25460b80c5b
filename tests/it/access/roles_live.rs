//! What a role sees live: its scope is evaluated for every change.

use serde_json::{Value, json};

use super::{
    entry_points::{EVENTS, PARTS, post, socket},
    roles::{customer, data, key_of, message_of, role, shop, shop_of_two, ticket},
};
use crate::support::{
    app::TestApp,
    streamed::{Events, Parts},
    websocket::Client,
};

/// A subscription of one key on all transports.
pub(super) struct Followed {
    socket: Client,
    events: Events,
    parts: Parts,
}

impl Followed {
    /// Starts after a cursor, so that nothing is missed.
    pub(super) async fn start(app: &TestApp, key: &str, query: &str, after: &Value) -> Self {
        let (authorization, variables) = (format!("Bearer {key}"), json!({ "after": after }));
        let mut socket = socket(&app.base, "graphql-transport-ws", None, Some(&authorization)).await;
        assert_eq!(socket.receive().await["type"], "connection_ack");
        socket.subscribe_with("1", &json!({ "query": query, "variables": variables })).await;
        let events = Events::of(post(&app.base, EVENTS, Some(&authorization), query, variables.clone()).await);
        let parts = Parts::of(post(&app.base, PARTS, Some(&authorization), query, variables).await).await;
        Self { socket, events, parts }
    }

    /// The next result, which must be the same on every transport.
    pub(super) async fn next(&mut self) -> Value {
        let mut message = self.socket.receive().await;
        assert_eq!(message["type"], "next", "{message}");
        let sent = message["payload"]["data"].take();
        assert_eq!(self.events.event().await.result()["data"], sent);
        assert_eq!(self.parts.payload().await["payload"]["data"], sent);
        sent
    }
}

const CONVERSATIONS: &str = "subscription($after: String) {
    conversationChanged(after: $after) { change conversation { sourceId messageCount assignees { sourceId } } } }";

/// A conversation as delivered.
fn changed(conversation: &str, messages: u8, staff: &str) -> Value {
    let conversation = json!({ "sourceId": conversation, "messageCount": messages, "assignees": [{ "sourceId": staff }] });
    json!({ "conversationChanged": { "change": "UPDATED", "conversation": conversation } })
}

#[tokio::test]
async fn a_reassigned_conversation_is_delivered_to_its_new_agent_only() {
    let (app, an, binh) = shop_of_two().await;
    app.deliver("message-sent", &message_of("o-1", "c-own", "k-own", "an", 1_758_791_400_000)).await;
    let head = data(&app, &an, "{ head }").await["head"].clone();
    let mut of_an = Followed::start(&app, &an, CONVERSATIONS, &head).await;
    let mut of_binh = Followed::start(&app, &binh, CONVERSATIONS, &head).await;
    let deliver = async |id, staff, n: i64| {
        app.deliver("message-sent", &message_of(id, "c-an", "k-an", staff, 1_758_791_500_000 + n)).await
    };

    deliver("m-2", "an", 0).await;
    assert_eq!(of_an.next().await, changed("c-an", 2, "an"));
    // It is reassigned to Binh, who received nothing about it before. An is not notified.
    deliver("m-3", "binh", 1).await;
    assert_eq!(of_binh.next().await, changed("c-an", 3, "binh"));
    deliver("m-4", "binh", 2).await;
    assert_eq!(of_binh.next().await, changed("c-an", 4, "binh"));
    assert!(data(&app, &an, r#"{ conversation(id: "c-an") { id } }"#).await["conversation"].is_null());
    app.deliver("conversation-status-changed", &json!({ "conversation_id": "c-an", "is_closed": true })).await;
    assert_eq!(of_binh.next().await, changed("c-an", 4, "binh"));
    // The next change that An receives is about another conversation.
    app.deliver("message-sent", &message_of("o-2", "c-own", "k-own", "an", 1_758_791_500_010)).await;
    assert_eq!(of_an.next().await, changed("c-own", 2, "an"));
    // And back.
    deliver("m-5", "an", 20).await;
    assert_eq!(of_an.next().await, changed("c-an", 5, "an"));
    app.stop().await;
}

#[tokio::test]
async fn a_page_of_linked_conversations_follows_which_customers_the_role_sees() {
    let app = shop(|config| role(config, "manager", "customers = '{ managerId: { eq: $staff } }'")).await;
    let an = key_of(&app, "manager", Some("an")).await;
    let list = "conversations(filter: { hasCustomer: { eq: true } }) { nodes { sourceId } }";
    assert_eq!(data(&app, &an, &format!("{{ {list} }}")).await["conversations"]["nodes"], json!([]));
    let page = "subscription { conversationsLive(filter: { hasCustomer: { eq: true } }) {
        page { sourceId } steps { kind node { sourceId } } } }";
    let mut live = Followed::start(&app, &an, page, &Value::Null).await;
    assert_eq!(live.next().await["conversationsLive"]["page"], json!([]));
    // The conversation itself does not change: its customer gets another manager.
    let mut mine = customer("k-an", "2025-09-26T09:10:05.120Z");
    mine["manager"] = json!({ "_id": "an", "full_name": "An" });
    app.deliver("customer-updated", &mine).await;
    let steps = &live.next().await["conversationsLive"]["steps"];
    assert_eq!(*steps, json!([{ "kind": "ENTERED", "node": { "sourceId": "c-an" } }]));
    app.stop().await;
}

#[tokio::test]
async fn every_subscription_delivers_only_objects_in_scope() {
    let (app, an, _) = shop_of_two().await;
    let head = data(&app, &an, "{ head }").await["head"].clone();
    let mut messages = Followed::start(
        &app,
        &an,
        "subscription($after: String) { messageAdded(after: $after) { message { sourceId customer { sourceId phone } } } }",
        &head,
    )
    .await;
    let mut customers = Followed::start(
        &app,
        &an,
        "subscription($after: String) { customerChanged(after: $after) { customer { sourceId phone socialAccounts { raw } } } }",
        &head,
    )
    .await;
    let mut tickets = Followed::start(
        &app,
        &an,
        "subscription($after: String) { ticketChanged(after: $after) { ticket { name customer { sourceId } } } }",
        &head,
    )
    .await;
    // Binh's objects change first, and are not sent.
    for staff in ["binh", "an"] {
        let who = format!("k-{staff}");
        let message = message_of(&format!("{staff}-2"), &format!("c-{staff}"), &who, staff, 1_758_791_600_000);
        app.deliver("message-sent", &message).await;
        app.deliver("customer-updated", &customer(&who, "2025-09-26T09:10:05.120Z")).await;
        app.deliver("ticket-created", &ticket(&format!("t-{staff}-2"), "k-binh", staff)).await;
    }
    let message = json!({ "sourceId": "an-2", "customer": { "sourceId": "k-an", "phone": null } });
    assert_eq!(messages.next().await, json!({ "messageAdded": { "message": message } }));
    let customer = json!({ "sourceId": "k-an", "phone": null, "socialAccounts": [{ "raw": {} }] });
    assert_eq!(customers.next().await, json!({ "customerChanged": { "customer": customer } }));
    assert_eq!(tickets.next().await, json!({ "ticketChanged": { "ticket": { "name": "t-an-2", "customer": null } } }));
    app.stop().await;
}
