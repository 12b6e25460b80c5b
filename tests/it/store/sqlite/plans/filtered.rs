//! How SQLite reads pages of filtered lists: each row by the index of the order or of what the filter asks, and whatever else
//! it must look at by whose that is. Nothing is sorted but what a filter's own index has found.

#![expect(clippy::unnecessary_wraps, reason = "what a filter asks of a field is optional")]

use deskgraph::{
    domain::{
        filter::{
            BooleanFilter, ConversationFilter, CustomFieldFilter, CustomerFilter, DateTimeFilter, EventFilter, FloatFilter,
            IdFilter, IntFilter, ListFilter, MessageFilter, Number, StaffFilter, StringFilter, TicketFilter, WordFilter,
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

/// Reads a list with a filter in each order and in every way. Rows of the list are found by the index of the order or by what
/// the filter asks (`drives`), and sorted only in the latter case; whatever else is read is read by `related`.
macro_rules! assert_filtered {
    ($observed:ident.$list:ident, $orders:expr, $filter:expr, $drives:expr, $related:expr) => {
        let (filter, drives, related): (_, &[&str], &[&str]) = ($filter, &$drives, &$related);
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

fn id() -> Option<IdFilter> {
    Some(IdFilter { eq: Some(vec!["a".into()]), ..IdFilter::default() })
}

fn text() -> Option<StringFilter> {
    Some(StringFilter { eq: Some("a".into()), ..StringFilter::default() })
}

fn part() -> Option<StringFilter> {
    Some(StringFilter { contains: Some("abcd".into()), ..StringFilter::default() })
}

fn truth(eq: bool) -> Option<BooleanFilter> {
    Some(BooleanFilter { eq: Some(eq), ..BooleanFilter::default() })
}

fn between() -> Option<DateTimeFilter> {
    Some(DateTimeFilter { gte: Some(Timestamp::clamped(5)), lt: Some(Timestamp::clamped(50)), ..DateTimeFilter::default() })
}

fn word<W>(eq: W) -> Option<WordFilter<W>> {
    Some(WordFilter { eq: Some(eq), ne: None, is_in: None, not_in: None })
}

fn words() -> Option<WordFilter<Platform>> {
    Some(WordFilter { eq: None, ne: None, is_in: Some(vec![Platform::Zalo, Platform::Facebook]), not_in: None })
}

/// Some members are such, and none is.
fn some_and_none<F: Clone>(member: &F) -> [Option<ListFilter<F>>; 2] {
    let member = || Some(Box::new(member.clone()));
    let (some, none) =
        (ListFilter { some: member(), ..ListFilter::default() }, ListFilter { none: member(), ..ListFilter::default() });
    [Some(some), Some(none)]
}

#[tokio::test]
async fn messages_are_read_by_index_and_what_they_belong_to_by_id() {
    let observed = Observed::new().await;
    let all = MessageFilter::default;
    assert_filtered!(observed.messages, MESSAGES, MessageFilter { conversation_id: id(), ..all() }, ["(conversation_id=?"], []);
    assert_filtered!(observed.messages, MESSAGES, MessageFilter { customer_id: id(), ..all() }, ["(customer_id=?"], []);
    assert_filtered!(observed.messages, MESSAGES, MessageFilter { platform: word(Platform::Zalo), ..all() }, ["(platform=?"], []);
    assert_filtered!(observed.messages, MESSAGES, MessageFilter { channel_id: text(), ..all() }, ["(channel_id=?"], []);
    let channels = Some(StringFilter { is_in: Some(vec!["a".into(), "b".into()]), ..StringFilter::default() });
    assert_filtered!(observed.messages, MESSAGES, MessageFilter { channel_id: channels, ..all() }, [], []);
    assert_filtered!(observed.messages, MESSAGES, MessageFilter { platform: words(), ..all() }, [], []);
    let own = MessageFilter { outbound: word(true), is_read: truth(false), sent_at: between(), sender_name: part(), ..all() };
    assert_filtered!(observed.messages, MESSAGES, own, [], []);
    let found = ["message USING INTEGER PRIMARY KEY (rowid=?)"];
    assert_filtered!(
        observed.messages,
        MESSAGES,
        MessageFilter { text: part(), ..all() },
        found,
        ["message_trigram VIRTUAL TABLE"]
    );
    let searched = MessageFilter { search: Some("ab".to_owned()), ..all() };
    assert_filtered!(observed.messages, MESSAGES, searched, found, ["message_search VIRTUAL TABLE"]);
    let customer = Some(Box::new(CustomerFilter { manager_id: id(), ..CustomerFilter::default() }));
    assert_filtered!(
        observed.messages,
        MESSAGES,
        MessageFilter { customer, ..all() },
        [],
        ["sqlite_autoindex_customer_1 (id=?)"]
    );
    let conversation = Some(Box::new(ConversationFilter { platform: word(Platform::Zalo), ..ConversationFilter::default() }));
    let related = ["sqlite_autoindex_conversation_1 (id=?)"];
    assert_filtered!(observed.messages, MESSAGES, MessageFilter { conversation, ..all() }, [], related);
    for read_by in some_and_none(&StaffFilter { id: id(), name: None }) {
        let related = ["read_by_1 (message_key=?", "staff_1 (id=?)"];
        assert_filtered!(observed.messages, MESSAGES, MessageFilter { read_by, ..all() }, [], related);
    }
    observed.desk.store.close().await.unwrap();
}

#[tokio::test]
async fn conversations_are_read_by_index_and_their_members_by_whose_they_are() {
    let observed = Observed::new().await;
    let all = ConversationFilter::default;
    let platform = ConversationFilter { platform: word(Platform::Zalo), ..all() };
    assert_filtered!(observed.conversations, CONVERSATIONS, platform, ["(platform=?"], []);
    assert_filtered!(
        observed.conversations,
        CONVERSATIONS,
        ConversationFilter { channel_id: text(), ..all() },
        ["(channel_id=?"],
        []
    );
    assert_filtered!(
        observed.conversations,
        CONVERSATIONS,
        ConversationFilter { customer_id: id(), ..all() },
        ["(customer_id=?"],
        []
    );
    assert_filtered!(
        observed.conversations,
        CONVERSATIONS,
        ConversationFilter { contact_id: text(), ..all() },
        ["(contact_id=?"],
        []
    );
    let open = ConversationFilter { is_closed: truth(false), contact_name: part(), ..all() };
    assert_filtered!(observed.conversations, CONVERSATIONS, open, ["(is_closed=?"], []);
    let unread_count = Some(IntFilter { gt: Some(0), ..IntFilter::default() });
    let unread = ConversationFilter { unread_count, ..all() };
    assert_filtered!(observed.conversations, CONVERSATIONS, unread, [], []);
    let recent = ConversationFilter { last_message_at: between(), ..all() };
    assert_filtered!(observed.conversations, CONVERSATIONS, recent, ["(last_message_at>?"], []);
    for assignees in some_and_none(&StaffFilter { id: id(), name: None }) {
        let related = ["assignee_1 (conversation_id=?", "staff_1 (id=?)"];
        assert_filtered!(observed.conversations, CONVERSATIONS, ConversationFilter { assignees, ..all() }, [], related);
    }
    for member in [
        MessageFilter { text: part(), ..MessageFilter::default() },
        MessageFilter { platform: word(Platform::Zalo), sent_at: between(), ..MessageFilter::default() },
        MessageFilter { channel_id: text(), customer_id: id(), ..MessageFilter::default() },
    ] {
        for messages in some_and_none(&member) {
            let related = ["message_conversation_id_sent_at_key_outbound (conversation_id=?"];
            assert_filtered!(observed.conversations, CONVERSATIONS, ConversationFilter { messages, ..all() }, [], related);
        }
    }
    observed.desk.store.close().await.unwrap();
}

#[tokio::test]
async fn what_many_rows_have_is_read_in_order_and_never_sorted() {
    let observed = Observed::new().await;
    let all = ConversationFilter::default;
    for filter in [
        ConversationFilter { platform: word(Platform::Zalo), ..all() },
        ConversationFilter { platform: words(), ..all() },
        ConversationFilter { channel_id: text(), ..all() },
        ConversationFilter { is_closed: truth(false), ..all() },
        ConversationFilter { is_closed: truth(true), platform: word(Platform::Zalo), ..all() },
    ] {
        for (order, _) in CONVERSATIONS {
            for request in requests(order, &SortValue::Int(5)) {
                observed.reader.conversations(&[Parent::All], &filter, &request).await.unwrap();
                let plan = observed.last_plan().await;
                assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE")), "{filter:?} {request:?}: {plan:#?}");
            }
        }
    }
    let status = TicketFilter { status: word(TicketStatus::Process), ..TicketFilter::default() };
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
async fn customers_are_read_by_index_and_their_members_by_whose_they_are() {
    let observed = Observed::new().await;
    let all = CustomerFilter::default;
    assert_filtered!(observed.customers, CUSTOMERS, CustomerFilter { manager_id: id(), ..all() }, ["(manager_id=?"], []);
    assert_filtered!(observed.customers, CUSTOMERS, CustomerFilter { name: part(), phone: text(), ..all() }, [], []);
    assert_filtered!(observed.customers, CUSTOMERS, CustomerFilter { created_at: between(), ..all() }, ["(created_at>?"], []);
    let searched = CustomerFilter { search: Some("ab".to_owned()), ..all() };
    let found = ["customer USING INTEGER PRIMARY KEY (rowid=?)"];
    assert_filtered!(observed.customers, CUSTOMERS, searched, found, ["customer_search VIRTUAL TABLE"]);
    let statuses = ["customer_status_1 (customer_id=?"];
    assert_filtered!(observed.customers, CUSTOMERS, CustomerFilter { status: text(), ..all() }, [], statuses);
    let number = Some(FloatFilter { gte: Some(Number(1.0)), ..FloatFilter::default() });
    let field = CustomFieldFilter { key: "cf_a".to_owned(), value: text(), number, exists: Some(true) };
    let fields = ["custom_field_1 (customer_id=? AND key=?)"];
    assert_filtered!(observed.customers, CUSTOMERS, CustomerFilter { custom_field: vec![field], ..all() }, [], fields);
    for member in [
        TicketFilter { status: word(TicketStatus::Process), ..TicketFilter::default() },
        TicketFilter { assignee_id: id(), due_at: between(), ..TicketFilter::default() },
    ] {
        for tickets in some_and_none(&member) {
            let related = ["ticket_customer_id_created_at_id (customer_id=?"];
            assert_filtered!(observed.customers, CUSTOMERS, CustomerFilter { tickets, ..all() }, [], related);
        }
    }
    for member in [
        ConversationFilter { is_closed: truth(false), platform: word(Platform::Zalo), ..ConversationFilter::default() },
        ConversationFilter { channel_id: text(), contact_id: text(), ..ConversationFilter::default() },
    ] {
        for conversations in some_and_none(&member) {
            let related = ["conversation_customer_id_last_message_at_id (customer_id=?"];
            assert_filtered!(observed.customers, CUSTOMERS, CustomerFilter { conversations, ..all() }, [], related);
        }
    }
    observed.desk.store.close().await.unwrap();
}

#[tokio::test]
async fn tickets_are_read_by_index_and_their_customers_by_id() {
    let observed = Observed::new().await;
    let all = TicketFilter::default;
    let status = TicketFilter { status: word(TicketStatus::Process), ..all() };
    assert_filtered!(observed.tickets, TICKETS, status, ["(status_key=?"], []);
    assert_filtered!(observed.tickets, TICKETS, TicketFilter { customer_id: id(), ..all() }, ["(customer_id=?"], []);
    assert_filtered!(observed.tickets, TICKETS, TicketFilter { assignee_id: id(), ..all() }, ["(assignee_id=?"], []);
    assert_filtered!(observed.tickets, TICKETS, TicketFilter { due_at: between(), ..all() }, ["(due_at>?"], []);
    assert_filtered!(observed.tickets, TICKETS, TicketFilter { name: part(), store_id: text(), ..all() }, [], []);
    let overdue = TicketFilter { is_overdue: truth(true).map(|is| (is, Timestamp::clamped(5))), ..all() };
    assert_filtered!(observed.tickets, TICKETS, overdue, ["(status_key=?"], []);
    let named = ["ticket_1 (id=?)", "AND id=?)"];
    assert_filtered!(observed.tickets, TICKETS, TicketFilter { id: id(), ..all() }, named, ["ticket_alias_1 (id=?)"]);
    let searched = TicketFilter { search: Some("ab".to_owned()), ..all() };
    let found = ["ticket USING INTEGER PRIMARY KEY (rowid=?)"];
    assert_filtered!(observed.tickets, TICKETS, searched, found, ["ticket_search VIRTUAL TABLE"]);
    let customer = Some(Box::new(CustomerFilter { manager_id: id(), ..CustomerFilter::default() }));
    assert_filtered!(observed.tickets, TICKETS, TicketFilter { customer, ..all() }, [], ["sqlite_autoindex_customer_1 (id=?)"]);
    observed.desk.store.close().await.unwrap();
}

#[tokio::test]
async fn events_are_read_by_index_and_their_subjects_by_id() {
    let observed = Observed::new().await;
    let all = EventFilter::default;
    assert_filtered!(observed.events, EVENTS, EventFilter { kind: word(EventKind::MessageSent), ..all() }, ["(kind=?"], []);
    assert_filtered!(observed.events, EVENTS, EventFilter { received_at: between(), ..all() }, ["(received_at>?"], []);
    let subject = Some(SubjectIds::of("a".to_owned()));
    let subjects =
        ["event_subject_1 (subject_type=? AND subject_id=?", "ticket_alias_1 (id=?)", "ticket_alias_ticket_id (ticket_id=?)"];
    assert_filtered!(observed.events, EVENTS, EventFilter { subject, ..all() }, [], subjects);
    observed.desk.store.close().await.unwrap();
}
