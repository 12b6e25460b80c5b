//! A change of nothing but a link between customers that a role does not see is not sent to it.

use serde_json::{Value, json};

use super::{
    roles::{customer, data, key_of, message_of, role, ticket},
    roles_live::Followed,
};
use crate::support::app::TestApp;

/// Sees everything except two customers.
const CLERK: &str = r#"customers = '{ not: { id: { in: ["k-one", "k-two"] } } }'"#;

const CONVERSATIONS: &str = "subscription($after: String) {
    sent: conversationChanged(after: $after) { change object: conversation { sourceId customer { sourceId } } } }";

const TICKETS: &str = "subscription($after: String) {
    sent: ticketChanged(after: $after) { change object: ticket { sourceId: name customer { sourceId } } } }";

/// A change as sent.
fn updated(object: &str, customer: Option<&str>) -> Value {
    let customer = customer.map_or(Value::Null, |id| json!({ "sourceId": id }));
    json!({ "sent": { "change": "UPDATED", "object": { "sourceId": object, "customer": customer } } })
}

/// A gateway with some roles, each with its rules.
async fn shop(roles: &[(&str, &str)]) -> TestApp {
    TestApp::with(|config| roles.iter().for_each(|(name, rules)| role(config, name, rules))).await
}

/// A conversation of the contact `zalo-{of}`, assigned to An, without a customer as yet.
async fn talks(app: &TestApp, conversation: &str, of: &str) {
    app.deliver("message-sent", &message_of(conversation, conversation, of, "an", 1_758_791_400_000)).await;
}

/// Something in a conversation that everyone sees.
async fn closes(app: &TestApp, conversation: &str) {
    app.deliver("conversation-status-changed", &json!({ "conversation_id": conversation, "is_closed": true })).await;
}

/// A customer with these contacts, as updated at this minute.
async fn is_known(app: &TestApp, who: &str, contacts: &[&str], minute: u32) {
    let mut customer = customer(who, &format!("2025-09-25T09:{minute:02}:00.000Z"));
    customer["social"] = contacts.iter().map(|of| json!({ "type": "zalo", "id": format!("zalo-{of}") })).collect();
    app.deliver("customer-updated", &customer).await;
}

/// Sees everything with a lead, and with a clerk as from `head`.
async fn both(app: &TestApp, query: &str) -> (Followed, Followed, String, Value) {
    let (lead, clerk) = (key_of(app, "lead", None).await, key_of(app, "clerk", None).await);
    let head = data(app, &lead, "{ head }").await["head"].clone();
    let of_lead = Followed::start(app, &lead, query, &head).await;
    let of_clerk = Followed::start(app, &clerk, query, &head).await;
    (of_lead, of_clerk, clerk, head)
}

/// Two more followers after a cursor: one joins those with the same document, the other reads the store itself.
async fn resumed(app: &TestApp, key: &str, query: &str, after: &Value) -> [Followed; 2] {
    let joins = Followed::start(app, key, query, after).await;
    [joins, Followed::start(app, key, &format!("{query} # another document"), after).await]
}

#[tokio::test]
async fn a_conversation_that_moves_among_hidden_customers_is_not_sent() {
    let app = shop(&[("lead", ""), ("clerk", CLERK)]).await;
    for (conversation, of) in [("c-of-hidden", "hidden"), ("c-of-seen", "seen"), ("c-last", "nobody")] {
        talks(&app, conversation, of).await;
    }
    let (mut lead, mut clerk, key, head) = both(&app, CONVERSATIONS).await;
    // It is matched, unmatched, matched to another one, and exchanged.
    for (who, contacts, minute, linked) in [
        ("k-one", &["hidden"][..], 1, Some("k-one")),
        ("k-one", &[], 2, None),
        ("k-two", &["hidden"], 3, Some("k-two")),
        ("k-one", &["hidden"], 4, Some("k-one")),
    ] {
        is_known(&app, who, contacts, minute).await;
        assert_eq!(lead.next().await, updated("c-of-hidden", linked));
    }
    is_known(&app, "k-seen", &["seen"], 6).await;
    for follower in [&mut lead, &mut clerk] {
        assert_eq!(follower.next().await, updated("c-of-seen", Some("k-seen")), "the first that the clerk is sent");
    }
    // A deleted customer loses its conversations to another one with the same contact.
    is_known(&app, "k-two", &["seen", "hidden"], 5).await;
    assert_eq!(lead.next().await, updated("c-of-hidden", Some("k-two")));
    app.deliver("customer-deleted", &json!({ "deletedContactIds": ["k-seen"], "deletedCount": 1 })).await;
    assert_eq!(lead.next().await, updated("c-of-seen", Some("k-two")));
    assert_eq!(clerk.next().await, updated("c-of-seen", None));
    closes(&app, "c-of-hidden").await;
    assert_eq!(lead.next().await, updated("c-of-hidden", Some("k-two")));
    assert_eq!(clerk.next().await, updated("c-of-hidden", None));
    // Those who resume get the same three changes: as they were sent, or read again, with the present states.
    let [mut resumed, mut alone] = resumed(&app, &key, CONVERSATIONS, &head).await;
    for (conversation, sent) in [("c-of-seen", Some("k-seen")), ("c-of-seen", None), ("c-of-hidden", None)] {
        assert_eq!(resumed.next().await, updated(conversation, sent));
        assert_eq!(alone.next().await, updated(conversation, None));
    }
    closes(&app, "c-last").await;
    for follower in [&mut lead, &mut clerk, &mut resumed, &mut alone] {
        assert_eq!(follower.next().await, updated("c-last", None), "nothing else was sent");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_ticket_is_not_sent_when_its_hidden_customer_appears() {
    let app = shop(&[("lead", ""), ("clerk", CLERK)]).await;
    for (name, of) in [("t-of-hidden", "k-one"), ("t-of-seen", "k-seen")] {
        app.deliver("ticket-created", &ticket(name, of, "an")).await;
    }
    let (mut lead, mut clerk, key, head) = both(&app, TICKETS).await;
    is_known(&app, "k-one", &[], 1).await;
    assert_eq!(lead.next().await, updated("t-of-hidden", Some("k-one")));
    is_known(&app, "k-seen", &[], 2).await;
    let [mut resumed, mut alone] = resumed(&app, &key, TICKETS, &head).await;
    for follower in [&mut lead, &mut clerk, &mut resumed, &mut alone] {
        assert_eq!(follower.next().await, updated("t-of-seen", Some("k-seen")), "the first that the clerk is sent");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_changed_link_is_sent_to_a_role_for_which_links_decide_what_is_visible() {
    let customers = r#"{ conversations: { some: { assignees: { some: { id: { eq: "an" } } } } } }"#;
    let app = shop(&[
        ("lead", ""),
        ("clerk", &format!("{CLERK}\nconversations = '{{ hasCustomer: {{ eq: true }} }}'")),
        ("agent", &format!("customers = '{customers}'")),
    ])
    .await;
    talks(&app, "c-of-hidden", "hidden").await;
    let (mut lead, mut clerk, _, head) = both(&app, CONVERSATIONS).await;
    let mut agent = Followed::start(&app, &key_of(&app, "agent", None).await, CONVERSATIONS, &head).await;
    is_known(&app, "k-one", &["hidden"], 1).await;
    assert_eq!(clerk.next().await, updated("c-of-hidden", None), "it becomes visible, its customer does not");
    for follower in [&mut lead, &mut agent] {
        assert_eq!(follower.next().await, updated("c-of-hidden", Some("k-one")));
    }
    is_known(&app, "k-one", &[], 2).await;
    for follower in [&mut lead, &mut agent] {
        assert_eq!(follower.next().await, updated("c-of-hidden", None), "it was the agent's only reason to see the customer");
    }
    app.stop().await;
}
