//! Changes of nothing but a link to a customer: which customers decide whether a role sees them, and what that costs.

use std::{sync::Arc, time::Duration};

use async_graphql::{Executor, Variables};
use futures_util::{StreamExt, stream::BoxStream};
use serde_json::{Value, json};

use super::{Desk, customer, message};
use crate::{
    domain::change::{Change, ChangeKind, Relinked, SubjectType},
    graphql::{
        request_data,
        role::{Role, Rules, Viewer},
    },
};

fn viewer(rules: &str) -> Viewer {
    let rules: Rules = toml::from_str(rules).unwrap();
    Viewer::with(&Arc::new(Role::of("clerk", &rules).unwrap()), None, "of a test")
}

#[test]
fn the_customers_of_a_link_decide_unless_links_decide_what_a_role_sees() {
    use SubjectType::{Conversation, Ticket};
    let hides = r#"customers = '{ not: { id: { eq: "h" } } }'"#;
    let by_conversation = "customers = '{ conversations: { some: { isClosed: { eq: true } } } }'";
    let by_ticket = "customers = '{ tickets: { some: { assigneeId: { eq: \"an\" } } } }'";
    let by_ticket_of_talker = "customers = '{ tickets: { some: { customer: { conversations: { some: {} } } } } }'";
    let (arrives, leaves) = ((None, Some("h")), (Some("h"), None));
    for (rules, of, (before, after), decide) in [
        ("", Conversation, arrives, false),
        ("conversations = '{ isClosed: { eq: true } }'", Conversation, arrives, false),
        (hides, Conversation, arrives, true),
        (hides, Conversation, leaves, true),
        (hides, Ticket, arrives, true),
        // A customer may have been visible because of the link that it loses, but not before the link that it gets.
        (by_conversation, Conversation, leaves, false),
        (by_conversation, Conversation, arrives, true),
        (by_ticket, Conversation, leaves, true),
        (by_ticket_of_talker, Conversation, leaves, false),
        // The linked object may become visible with its link.
        (&format!("{hides}\nconversations = '{{ hasCustomer: {{ eq: true }} }}'"), Conversation, arrives, false),
        (&format!("{hides}\nconversations = '{{ customerId: {{ eq: \"h\" }} }}'"), Conversation, arrives, false),
        (&format!("{hides}\nconversations = '{{ customer: {{ name: {{ eq: \"h\" }} }} }}'"), Conversation, arrives, false),
        (
            &format!("{hides}\nconversations = '{{ messages: {{ some: {{ customerId: {{ eq: \"h\" }} }} }} }}'"),
            Conversation,
            arrives,
            false,
        ),
        (&format!("{hides}\nconversations = '{{ isClosed: {{ eq: true }} }}'"), Conversation, arrives, true),
        (&format!("{hides}\nconversations = '{{ hasCustomer: {{ eq: true }} }}'"), Ticket, arrives, true),
        (&format!("{hides}\ntickets = '{{ customer: {{ name: {{ eq: \"h\" }} }} }}'"), Ticket, arrives, false),
        (&format!("{hides}\ntickets = '{{ customerId: {{ eq: \"h\" }} }}'"), Ticket, arrives, true),
    ] {
        let relinked = Relinked::between(before.map(str::to_owned), after.map(str::to_owned));
        let change =
            Change { position: 1, seq: 1, subject_type: of, subject_id: "k".into(), kind: ChangeKind::Updated, relinked };
        let viewer = viewer(rules);
        let deciding = viewer.scope().deciding_customers(&change).map(Iterator::collect::<Vec<_>>);
        assert_eq!(deciding, decide.then(|| vec!["h"]), "{rules}: {change:?}");
        let other = Change { relinked: None, ..change };
        assert!(viewer.scope().deciding_customers(&other).is_none(), "{rules}");
        assert!(Viewer::of_everything().scope().deciding_customers(&other).is_none());
    }
}

/// A subscription to the ids of changed conversations.
fn follow(desk: &Desk, viewer: Viewer, after: &Value) -> BoxStream<'static, async_graphql::Response> {
    let query = "subscription($after: String) { conversationChanged(after: $after) { conversation { sourceId } } }";
    let mut request = async_graphql::Request::new(query).variables(Variables::from_json(json!({ "after": after })));
    request.data = request_data(viewer);
    desk.schema.execute_stream(request, None)
}

/// Receives changes up to that of a conversation. Returns how many there were before.
async fn until(stream: &mut BoxStream<'static, async_graphql::Response>, last: &str) -> usize {
    let mut before = 0;
    loop {
        let response = tokio::time::timeout(Duration::from_mins(1), stream.next()).await.unwrap().unwrap();
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        if super::data(response)["conversationChanged"]["conversation"]["sourceId"] == last {
            return before;
        }
        before += 1;
    }
}

/// The number of statements that look up customers, from now on.
fn reads_of_customers(desk: &Desk) -> usize {
    let statements = std::mem::take(&mut *desk.statements.lock().unwrap());
    statements.iter().filter(|sql| sql.contains(r#"SELECT "customer"."id" FROM "customer""#)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_links_take_one_statement_for_a_role_that_hides_customers_and_other_changes_none() {
    let desk = Desk::open().await;
    let head = desk.data("{ head }").await["head"].take();
    let mut all = follow(&desk, Viewer::of_everything(), &head);
    let mut some = follow(&desk, viewer(r#"customers = '{ id: { eq: "seen" } }'"#), &head);
    let mut least = [usize::MAX; 2];
    // At first, followers read the store themselves.
    for round in 0..20 {
        let contacts = [format!("a{round}"), format!("b{round}")];
        let in_another = |part: &str| message(&format!("{part}{round}"), "last", "z");
        let talk = contacts.iter().map(|of| message(of, of, of)).chain([in_another("m")]).collect();
        let are_known = contacts.iter().map(|of| customer(of, of)).chain([in_another("n")]).collect();
        let batches: [(Vec<_>, _); 2] = [(talk, [2, 2]), (are_known, [2, 0])];
        for ((batch, received), least) in batches.iter().zip(&mut least) {
            reads_of_customers(&desk);
            desk.store(batch).await;
            assert_eq!([until(&mut all, "last").await, until(&mut some, "last").await], *received);
            *least = reads_of_customers(&desk).min(*least);
        }
    }
    assert_eq!(least, [0, 1]);
}
