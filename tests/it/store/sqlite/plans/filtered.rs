//! Plans of filtered pages on SQLite: rows are found by the index of the order or of the filter, and related rows by their
//! parent. Only rows found by a filter's own index are sorted.

use deskgraph::{
    domain::{
        filter::{
            Collection, Comparison, ConversationField, ConversationRelation, Conversations, CustomField, CustomerField,
            CustomerRelation, EventField, EventRelation, Filter, Members, MessageField, MessageRelation, Messages, Number,
            Pattern, Predicate, Quantifier, StaffField, StaffMembers, Test, TicketField, TicketRelation, Tickets, Value,
        },
        id::SubjectIds,
        kind::EventKind,
        page::{ConversationOrder, CustomerOrder, EventOrder, MessageOrder, SortValue, TicketOrder},
        time::Timestamp,
        words::{Platform, TicketStatus},
    },
    store::Parent,
};

use super::{Observed, requests};

/// Reads a list with a filter in each order and in every way. Asserts that rows are found by the index of the order or by those
/// in `drives`, are sorted only in the latter case, and that related rows are read by `related`.
macro_rules! assert_filtered {
    ($observed:ident.$list:ident, $orders:expr, $filter:expr, $drives:expr, $related:expr) => {
        let (filter, drives, related): (_, &[&str], &[&str]) = ($filter, &($drives)[..], &$related);
        for (order, index) in $orders {
            for request in requests(order, &SortValue::Int(5)) {
                $observed.statements.lock().unwrap().clear();
                $observed.reader.$list(&[Parent::All], &filter, &request).await.unwrap();
                let plan = $observed.last_plan().await;
                let is = |step: &str, allowed: &[&str]| allowed.iter().any(|allowed| step.contains(allowed));
                let is_driven = plan.iter().any(|step| is(step, drives));
                for step in &plan {
                    let is_of_list =
                        if step.contains("TEMP B-TREE") { is_driven } else { is(step, &[index]) || is(step, drives) };
                    assert!(is_of_list || is(step, related), "{filter:?} {request:?}: {step} of {plan:#?}");
                }
            }
        }
    };
}

const CUSTOMERS: [(CustomerOrder, &str); 3] = [
    (CustomerOrder::Name, "customer_name_key_id"),
    (CustomerOrder::CreatedAt, "customer_created_at_id"),
    (CustomerOrder::UpdatedAt, "customer_updated_at_id"),
];

const CONVERSATIONS: [(ConversationOrder, &str); 3] = [
    (ConversationOrder::LastMessageAt, "conversation_last_message_at_id"),
    (ConversationOrder::StartedAt, "conversation_started_at_id"),
    (ConversationOrder::UnreadCount, "conversation_unread_count_id"),
];

const MESSAGES: [(MessageOrder, &str); 1] = [(MessageOrder::SentAt, "message_sent_at_key")];

const TICKETS: [(TicketOrder, &str); 4] = [
    (TicketOrder::CreatedAt, "ticket_created_at_id"),
    (TicketOrder::DueAt, "ticket_due_at_id"),
    (TicketOrder::UpdatedAt, "ticket_updated_at_id"),
    (TicketOrder::Level, "ticket_level_rank_id"),
];

const EVENTS: [(EventOrder, &str); 1] = [(EventOrder::Seq, "event USING INTEGER PRIMARY KEY")];

/// A filter that requires all parts.
fn all<C: Collection>(parts: impl Into<Vec<Predicate<C>>>) -> Filter<C> {
    Filter::new(Predicate::All(parts.into()), Timestamp::clamped(5))
}

/// A test of a field.
fn is<C: Collection>(field: C::Field, test: Test) -> Predicate<C> {
    Predicate::Field(field, test)
}

/// A field between two times.
fn between<C: Collection>(field: C::Field) -> Predicate<C> {
    let bound = |comparison, at| is(field, Test::Compare(comparison, Timestamp::clamped(at).into()));
    Predicate::All(vec![bound(Comparison::GreaterOrEqual, 5), bound(Comparison::Less, 50)])
}

fn id() -> Test {
    Test::OneOf(vec!["a".into()])
}

fn text() -> Test {
    Test::Equal("a".into())
}

fn part() -> Test {
    Test::Match(Pattern::Contains, "abcd".into())
}

fn truth(value: bool) -> Test {
    Test::Equal(value.into())
}

fn word(word: &'static str) -> Test {
    Test::Equal(Value::Word(word))
}

fn zalo() -> Test {
    word(Platform::Zalo.word())
}

fn platforms() -> Test {
    Test::OneOf(vec![Value::Word(Platform::Zalo.word()), Value::Word(Platform::Facebook.word())])
}

/// Some elements match, and none match.
fn some_and_none<C: Collection>(parts: impl Into<Vec<Predicate<C>>>) -> [Members<C>; 2] {
    let predicate = Box::new(Predicate::All(parts.into()));
    [Quantifier::Some, Quantifier::None].map(|quantifier| Members { quantifier, predicate: predicate.clone() })
}

/// Some and none of the staff members with an id.
fn staff() -> [Members<StaffMembers>; 2] {
    some_and_none([is(StaffField::Id, id())])
}

#[tokio::test]
async fn messages_are_read_by_index_and_their_conversations_and_customers_by_id() {
    use MessageField::{ChannelId, ConversationId, CustomerId, Direction, IsRead, Platform, SenderName, SentAt, Text};
    let observed = Observed::new().await;
    let own: [(Filter<Messages>, &[&str]); 7] = [
        (all([is(ConversationId, id())]), &["(conversation_id=?"]),
        (all([is(CustomerId, id())]), &["(customer_id=?"]),
        (all([is(Platform, zalo())]), &["(platform=?"]),
        (all([is(ChannelId, text())]), &["(channel_id=?"]),
        (all([is(ChannelId, Test::OneOf(vec!["a".into(), "b".into()]))]), &[]),
        (all([is(Platform, platforms())]), &[]),
        (all([is(Direction, truth(true)), is(IsRead, truth(false)), between(SentAt), is(SenderName, part())]), &[]),
    ];
    for (filter, drives) in own {
        assert_filtered!(observed.messages, MESSAGES, filter, drives, []);
    }
    let found = ["message USING INTEGER PRIMARY KEY (rowid=?)"];
    assert_filtered!(
        observed.messages,
        MESSAGES,
        all([is(Text, part())]),
        found,
        ["message_parts VIRTUAL TABLE", "search_tail USING PRIMARY KEY (type=?"]
    );
    let searched = all([Predicate::Relation(MessageRelation::Search("ab".to_owned()))]);
    assert_filtered!(
        observed.messages,
        MESSAGES,
        searched,
        found,
        ["message_words VIRTUAL TABLE", "search_tail USING PRIMARY KEY (type=?"]
    );
    let customer = all([Predicate::Relation(MessageRelation::Customer(Box::new(is(CustomerField::ManagerId, id()))))]);
    assert_filtered!(observed.messages, MESSAGES, customer, [], ["sqlite_autoindex_customer_1 (id=?)"]);
    let conversation = MessageRelation::Conversation(Box::new(is(ConversationField::Platform, zalo())));
    let related = ["sqlite_autoindex_conversation_1 (id=?)"];
    assert_filtered!(observed.messages, MESSAGES, all([Predicate::Relation(conversation)]), [], related);
    for read_by in staff() {
        let related = ["readers VIRTUAL TABLE", "staff_1 (id=?)"];
        let filter = all([Predicate::Relation(MessageRelation::ReadBy(read_by))]);
        assert_filtered!(observed.messages, MESSAGES, filter, [], related);
    }
    observed.desk.store.close().await.unwrap();
}

#[tokio::test]
async fn conversations_are_read_by_index_and_their_nested_rows_by_parent() {
    use ConversationField::{ChannelId, ContactId, ContactName, CustomerId, IsClosed, LastMessageAt, Platform, UnreadCount};
    let observed = Observed::new().await;
    let own: [(Filter<Conversations>, &[&str]); 7] = [
        (all([is(Platform, zalo())]), &["(platform=?"]),
        (all([is(ChannelId, text())]), &["(channel_id=?"]),
        (all([is(CustomerId, id())]), &["(customer_id=?"]),
        (all([is(ContactId, text())]), &["(contact_id=?"]),
        (all([is(IsClosed, truth(false)), is(ContactName, part())]), &["(is_closed=?"]),
        (all([is(UnreadCount, Test::Compare(Comparison::Greater, 0.into()))]), &[]),
        (all([between(LastMessageAt)]), &["(last_message_at>?"]),
    ];
    for (filter, drives) in own {
        assert_filtered!(observed.conversations, CONVERSATIONS, filter, drives, []);
    }
    for assignees in staff() {
        let related = ["assignee USING PRIMARY KEY (conversation_id=?", "staff_1 (id=?)"];
        let filter = all([Predicate::Relation(ConversationRelation::Assignees(assignees))]);
        assert_filtered!(observed.conversations, CONVERSATIONS, filter, [], related);
    }
    let members: [Vec<Predicate<Messages>>; 3] = [
        vec![is(MessageField::Text, part())],
        vec![is(MessageField::Platform, zalo()), between(MessageField::SentAt)],
        vec![is(MessageField::ChannelId, text()), is(MessageField::CustomerId, id())],
    ];
    for messages in members.into_iter().flat_map(some_and_none) {
        let related = ["message_conversation_id_sent_at_key_outbound (conversation_id=?"];
        let filter = all([Predicate::Relation(ConversationRelation::Messages(messages))]);
        assert_filtered!(observed.conversations, CONVERSATIONS, filter, [], related);
    }
    observed.desk.store.close().await.unwrap();
}

#[tokio::test]
async fn conditions_that_many_rows_match_are_read_in_order_and_never_sorted() {
    use ConversationField::{ChannelId, IsClosed, Platform};
    let observed = Observed::new().await;
    let filters: [Filter<Conversations>; 5] = [
        all([is(Platform, zalo())]),
        all([is(Platform, platforms())]),
        all([is(ChannelId, text())]),
        all([is(IsClosed, truth(false))]),
        all([is(IsClosed, truth(true)), is(Platform, zalo())]),
    ];
    for filter in filters {
        for (order, _) in CONVERSATIONS {
            for request in requests(order, &SortValue::Int(5)) {
                observed.reader.conversations(&[Parent::All], &filter, &request).await.unwrap();
                let plan = observed.last_plan().await;
                assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE")), "{filter:?} {request:?}: {plan:#?}");
            }
        }
    }
    let status = all([is(TicketField::Status, word(TicketStatus::Process.word()))]);
    for (order, _) in TICKETS {
        for request in requests(order, &SortValue::Int(5)) {
            observed.reader.tickets(&[Parent::All], &status, &request).await.unwrap();
            let plan = observed.last_plan().await;
            assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE")), "{status:?} {request:?}: {plan:#?}");
        }
    }
    observed.desk.store.close().await.unwrap();
}

#[tokio::test]
async fn customers_are_read_by_index_and_their_nested_rows_by_parent() {
    use CustomerField::{CreatedAt, ManagerId, Name, Phone};
    let observed = Observed::new().await;
    assert_filtered!(observed.customers, CUSTOMERS, all([is(ManagerId, id())]), ["(manager_id=?"], []);
    assert_filtered!(observed.customers, CUSTOMERS, all([is(Name, part()), is(Phone, text())]), [], []);
    assert_filtered!(observed.customers, CUSTOMERS, all([between(CreatedAt)]), ["(created_at>?"], []);
    let searched = all([Predicate::Relation(CustomerRelation::Search("ab".to_owned()))]);
    let found = ["customer USING INTEGER PRIMARY KEY (rowid=?)"];
    assert_filtered!(
        observed.customers,
        CUSTOMERS,
        searched,
        found,
        ["customer_words VIRTUAL TABLE", "search_tail USING PRIMARY KEY (type=?"]
    );
    let status = all([Predicate::Relation(CustomerRelation::Status(vec![text()]))]);
    assert_filtered!(observed.customers, CUSTOMERS, status, [], ["customer_status_1 (customer_id=?"]);
    let number = vec![Test::Compare(Comparison::GreaterOrEqual, Value::Float(Number(1.0)))];
    let field = CustomField { key: "cf_a".to_owned(), text: vec![text()], number, exists: Some(true) };
    let fields = ["custom_field_1 (customer_id=? AND key=?)"];
    let field = all([Predicate::Relation(CustomerRelation::CustomField(field))]);
    assert_filtered!(observed.customers, CUSTOMERS, field, [], fields);
    let tickets: [Vec<Predicate<Tickets>>; 2] = [
        vec![is(TicketField::Status, word(TicketStatus::Process.word()))],
        vec![is(TicketField::AssigneeId, id()), between(TicketField::DueAt)],
    ];
    for tickets in tickets.into_iter().flat_map(some_and_none) {
        let related = ["ticket_customer_id_created_at_id (customer_id=?"];
        let filter = all([Predicate::Relation(CustomerRelation::Tickets(tickets))]);
        assert_filtered!(observed.customers, CUSTOMERS, filter, [], related);
    }
    let conversations: [Vec<Predicate<Conversations>>; 2] = [
        vec![is(ConversationField::IsClosed, truth(false)), is(ConversationField::Platform, zalo())],
        vec![is(ConversationField::ChannelId, text()), is(ConversationField::ContactId, text())],
    ];
    for conversations in conversations.into_iter().flat_map(some_and_none) {
        let related = ["conversation_customer_id_last_message_at_id (customer_id=?"];
        let filter = all([Predicate::Relation(CustomerRelation::Conversations(conversations))]);
        assert_filtered!(observed.customers, CUSTOMERS, filter, [], related);
    }
    observed.desk.store.close().await.unwrap();
}

#[tokio::test]
async fn tickets_are_read_by_index_and_their_customers_by_id() {
    use TicketField::{AssigneeId, CustomerId, DueAt, IsOverdue, Name, Status, StoreId};
    let observed = Observed::new().await;
    let own: [(Filter<Tickets>, &[&str]); 6] = [
        (all([is(Status, word(TicketStatus::Process.word()))]), &["(status_key=?"]),
        (all([is(CustomerId, id())]), &["(customer_id=?"]),
        (all([is(AssigneeId, id())]), &["(assignee_id=?"]),
        (all([between(DueAt)]), &["(due_at>?"]),
        (all([is(Name, part()), is(StoreId, text())]), &[]),
        (all([is(IsOverdue, truth(true))]), &["(status_key=?"]),
    ];
    for (filter, drives) in own {
        assert_filtered!(observed.tickets, TICKETS, filter, drives, []);
    }
    let named = ["ticket_1 (id=?)", "AND id=?)"];
    let ids = all([Predicate::Relation(TicketRelation::Id(vec![id()]))]);
    assert_filtered!(observed.tickets, TICKETS, ids, named, ["ticket_alias USING PRIMARY KEY (id=?)"]);
    let searched = all([Predicate::Relation(TicketRelation::Search("ab".to_owned()))]);
    let found = ["ticket USING INTEGER PRIMARY KEY (rowid=?)"];
    assert_filtered!(
        observed.tickets,
        TICKETS,
        searched,
        found,
        ["ticket_words VIRTUAL TABLE", "search_tail USING PRIMARY KEY (type=?"]
    );
    let customer = all([Predicate::Relation(TicketRelation::Customer(Box::new(is(CustomerField::ManagerId, id()))))]);
    assert_filtered!(observed.tickets, TICKETS, customer, [], ["sqlite_autoindex_customer_1 (id=?)"]);
    observed.desk.store.close().await.unwrap();
}

#[tokio::test]
async fn events_are_read_by_index_and_their_subjects_by_id() {
    let observed = Observed::new().await;
    let kind = all([is(EventField::Kind, word(EventKind::MessageSent.name()))]);
    assert_filtered!(observed.events, EVENTS, kind, ["(kind=?"], []);
    assert_filtered!(observed.events, EVENTS, all([between(EventField::ReceivedAt)]), ["(received_at>?"], []);
    let subject = all([Predicate::Relation(EventRelation::Subject(SubjectIds::of("a".to_owned())))]);
    let subjects = [
        "event_subject USING PRIMARY KEY (subject_type=? AND subject_id=?",
        "known USING PRIMARY KEY (id=?)",
        "ticket_alias_ticket_id (ticket_id=?)",
        "sqlite_autoindex_message_1 (key=?)",
    ];
    assert_filtered!(observed.events, EVENTS, subject, [], subjects);
    observed.desk.store.close().await.unwrap();
}
