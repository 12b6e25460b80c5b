//! Plans within a scope on SQLite: the same indexes are used, and rules are looked up for each row.

use std::sync::Arc;

use deskgraph::{
    domain::{
        filter::{ConversationFilter, MessageField, MessageFilter, Predicate, Test},
        page::{ConversationOrder, Direction, MessageOrder, PageRequest},
        time::Timestamp,
    },
    graphql::{Role, Viewer, role::Rules},
    store::Parent,
};

use super::Observed;

fn page<O>(order: O) -> PageRequest<O> {
    PageRequest { order, direction: Direction::Desc, limit: 20, from_end: false, after: None, before: None }
}

#[tokio::test]
async fn within_a_scope_pages_use_the_indexes_of_the_lists() {
    let mut observed = Observed::new().await;
    let rule = |filter: &str| Some(filter.to_owned());
    let rules = Rules {
        conversations: rule("{ assignees: { some: { id: { eq: $staff } } } }"),
        customers: rule("{ conversations: { some: { assignees: { some: { id: { eq: $staff } } } } } }"),
        ..Rules::default()
    };
    let viewer = Viewer::with(&Arc::new(Role::of("agent", &rules).unwrap()), Some(&"s1".into()), "key");
    observed.reader = observed.desk.store.reader(viewer.scope().clone());
    let reader = &observed.reader;
    let all = [Parent::All];
    let of_customer = [Parent::Customer("c1".to_owned())];
    let of = |id: &'static str| {
        let is = Test::Equal(id.into());
        MessageFilter::new(Predicate::Field(MessageField::CustomerId, is), Timestamp::clamped(0))
    };

    reader.messages(&all, &MessageFilter::default(), &page(MessageOrder::SentAt)).await.unwrap();
    assert_reads(&observed, "message_sent_at_key").await;
    reader.conversations(&all, &ConversationFilter::default(), &page(ConversationOrder::LastMessageAt)).await.unwrap();
    assert_reads(&observed, "conversation_last_message_at_id").await;
    reader.messages(&of_customer, &MessageFilter::default(), &page(MessageOrder::SentAt)).await.unwrap();
    assert_reads(&observed, "message_customer_id_sent_at_key").await;
    reader.messages(&all, &of("c1"), &page(MessageOrder::SentAt)).await.unwrap();
    assert_reads(&observed, "message_customer_id_sent_at_key").await;
}

/// Asserts that the last statement reads by this index, sorts only the page, and scans nothing else completely.
async fn assert_reads(observed: &Observed, index: &str) {
    let plan = observed.last_plan().await;
    assert!(plan.iter().any(|step| step.contains(index)), "{plan:#?}");
    let is_bad = |step: &&String| step.contains("TEMP B-TREE") || step.starts_with("SCAN") && !step.contains(index);
    assert_eq!(plan.iter().find(is_bad), None, "{plan:#?}");
}
