//! Plans of pages on SQLite: read by index, one page at a time, for any order, end and position.

mod filtered;
mod scoped;

use std::sync::{Arc, Mutex};

use deskgraph::{
    domain::{
        filter::{ConversationFilter, CustomerFilter, EventFilter, MessageFilter, StaffFilter, TicketFilter},
        page::{
            ConversationOrder, Cursor, CustomerOrder, Direction, EventOrder, MessageOrder, Order, PageRequest, SortValue,
            StaffOrder, TicketOrder,
        },
        scope::Scope,
    },
    store::{Parent, Reader},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::support::desk::Desk;

/// A store whose statements are recorded.
struct Observed {
    desk: Desk,
    reader: Reader,
    raw: DatabaseConnection,
    statements: Arc<Mutex<Vec<String>>>,
}

impl Observed {
    async fn new() -> Self {
        let mut desk = Desk::new().await;
        let statements = Arc::new(Mutex::new(Vec::new()));
        let recorded = statements.clone();
        desk.store.observe_reads(move |sql| recorded.lock().unwrap().push(sql.to_owned()));
        let (reader, raw) = (desk.store.reader(Scope::Everything), desk.raw().await);
        Self { desk, reader, raw, statements }
    }

    /// The plan of the single statement that was run: its accesses to tables, except for the rows of the page, and sorts of
    /// more than those.
    async fn plan(&self) -> Vec<String> {
        let plan = self.last_plan().await;
        assert!(self.statements.lock().unwrap().is_empty(), "a page is one statement");
        plan
    }

    /// The plan of the last statement that was run, in the form of [`Self::plan`].
    async fn last_plan(&self) -> Vec<String> {
        let sql = self.statements.lock().unwrap().pop().expect("a statement was run");
        let explain = Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"));
        let rows = self.raw.query_all_raw(explain).await.unwrap();
        let steps =
            rows.iter().map(|row| (row.try_get::<i32>("", "parent").unwrap(), row.try_get::<String>("", "detail").unwrap()));
        // At the top level are the parents, the rows of the page, and their order.
        let inner = steps.filter(|(parent, _)| *parent != 0).map(|(_, detail)| detail);
        inner
            .filter(|detail| {
                detail.contains("TEMP B-TREE")
                    || detail.starts_with("SEARCH")
                    || detail.starts_with("SCAN") && detail != "SCAN picked"
            })
            .collect()
    }
}

/// The same page from both ends, in both directions, first and deep.
fn requests<O: Order>(order: O, value: &SortValue) -> Vec<PageRequest<O>> {
    let mut requests = Vec::new();
    for direction in [Direction::Asc, Direction::Desc] {
        for from_end in [false, true] {
            let first = PageRequest { order, direction, limit: 20, from_end, after: None, before: None };
            let cursor = Some(Cursor { order: first.order_name(), value: value.clone(), id: "7".into() });
            let deep = if from_end {
                PageRequest { before: cursor, ..first.clone() }
            } else {
                PageRequest { after: cursor, ..first.clone() }
            };
            requests.extend([first, deep]);
        }
    }
    requests
}

/// Reads a list in every way and asserts that each step of each plan is allowed.
macro_rules! assert_plans {
    ($observed:expr, $list:ident, $parents:expr, $filter:expr, $orders:expr, $value:expr, $allowed:expr) => {
        for order in $orders {
            for request in requests(order, &$value) {
                $observed.reader.$list($parents, &$filter, &request).await.unwrap();
                for step in $observed.plan().await {
                    let is_allowed =
                        $allowed.iter().any(|allowed: &&str| step.contains(allowed)) && !step.contains("TEMP B-TREE");
                    assert!(is_allowed, "{} {request:?}: {step}", stringify!($list));
                }
            }
        }
    };
}

#[tokio::test]
async fn a_page_of_a_root_list_uses_the_index_of_its_order() {
    let observed = Observed::new().await;
    let (all, number, text) = (&[Parent::All][..], SortValue::Int(5), SortValue::Text("a".into()));
    let creations = [CustomerOrder::CreatedAt];
    assert_plans!(observed, customers, all, CustomerFilter::default(), creations, number, ["customer_created_at_id"]);
    assert_plans!(
        observed,
        customers,
        all,
        CustomerFilter::default(),
        [CustomerOrder::UpdatedAt],
        number,
        ["customer_updated_at_id"]
    );
    assert_plans!(observed, customers, all, CustomerFilter::default(), [CustomerOrder::Name], text, ["customer_name_key_id"]);
    let last = [ConversationOrder::LastMessageAt];
    assert_plans!(observed, conversations, all, ConversationFilter::default(), last, number, ["conversation_last_message_at_id"]);
    let started = [ConversationOrder::StartedAt];
    assert_plans!(observed, conversations, all, ConversationFilter::default(), started, number, ["conversation_started_at_id"]);
    let unread = [ConversationOrder::UnreadCount];
    assert_plans!(observed, conversations, all, ConversationFilter::default(), unread, number, ["conversation_unread_count_id"]);
    assert_plans!(observed, messages, all, MessageFilter::default(), [MessageOrder::SentAt], number, ["message_sent_at_key"]);
    assert_plans!(observed, tickets, all, TicketFilter::default(), [TicketOrder::CreatedAt], number, ["ticket_created_at_id"]);
    assert_plans!(observed, tickets, all, TicketFilter::default(), [TicketOrder::DueAt], number, ["ticket_due_at_id"]);
    assert_plans!(observed, tickets, all, TicketFilter::default(), [TicketOrder::UpdatedAt], number, ["ticket_updated_at_id"]);
    assert_plans!(observed, tickets, all, TicketFilter::default(), [TicketOrder::Level], number, ["ticket_level_rank_id"]);
    let by_number = ["SCAN event", "SEARCH event USING INTEGER PRIMARY KEY"];
    assert_plans!(observed, events, all, EventFilter::default(), [EventOrder::Seq], number, by_number);
    for request in requests(StaffOrder::Name, &text) {
        observed.reader.staff(&StaffFilter::default(), &request).await.unwrap();
        assert!(observed.plan().await.iter().all(|step| step.contains("staff_name_key_id")));
    }
    observed.desk.store.close().await.unwrap();
}

#[tokio::test]
async fn a_page_of_a_parent_in_the_default_order_uses_the_index_of_both() {
    let observed = Observed::new().await;
    let number = SortValue::Int(5);
    let customers = [Parent::Customer("a".into()), Parent::Customer("b".into())];
    let conversations = [Parent::Conversation("a".into()), Parent::Conversation("b".into())];
    assert_plans!(
        observed,
        messages,
        &conversations,
        MessageFilter::default(),
        [MessageOrder::SentAt],
        number,
        ["conversation_id=?"]
    );
    assert_plans!(observed, messages, &customers, MessageFilter::default(), [MessageOrder::SentAt], number, ["customer_id=?"]);
}

#[tokio::test]
async fn a_page_of_a_parent_in_any_order_reads_only_rows_of_the_parent() {
    let observed = Observed::new().await;
    let customers = [Parent::Customer("a".into()), Parent::Customer("b".into())];
    let staff = [Parent::Staff("a".into()), Parent::Staff("b".into())];
    let orders = [TicketOrder::CreatedAt, TicketOrder::DueAt, TicketOrder::UpdatedAt, TicketOrder::Level];
    for order in orders {
        for request in requests(order, &SortValue::Int(5)) {
            for (parents, column) in [(&customers, "customer_id=?"), (&staff, "assignee_id=?")] {
                observed.reader.tickets(parents, &TicketFilter::default(), &request).await.unwrap();
                assert_is_the_parents(&observed.plan().await, &[column]);
            }
        }
    }
    for order in [CustomerOrder::CreatedAt, CustomerOrder::UpdatedAt] {
        for request in requests(order, &SortValue::Int(5)) {
            observed.reader.customers(&staff, &CustomerFilter::default(), &request).await.unwrap();
            assert_is_the_parents(&observed.plan().await, &["manager_id=?"]);
        }
    }
    for order in [ConversationOrder::LastMessageAt, ConversationOrder::StartedAt, ConversationOrder::UnreadCount] {
        for request in requests(order, &SortValue::Int(5)) {
            observed.reader.conversations(&customers, &ConversationFilter::default(), &request).await.unwrap();
            assert_is_the_parents(&observed.plan().await, &["customer_id=?"]);
            observed.reader.conversations(&staff, &ConversationFilter::default(), &request).await.unwrap();
            assert_is_the_parents(
                &observed.plan().await,
                &["staff_id=?", "conversation USING INDEX sqlite_autoindex_conversation_1 (id=?)"],
            );
        }
    }
    for request in requests(EventOrder::Seq, &SortValue::Int(5)) {
        observed.reader.events(&customers, &EventFilter::default(), &request).await.unwrap();
        assert_is_the_parents(&observed.plan().await, &["subject_id=?", "event USING INTEGER PRIMARY KEY"]);
    }
}

#[tokio::test]
async fn the_cursors_of_events_are_read_by_index() {
    let observed = Observed::new().await;
    observed.reader.event_positions(&[1, 2]).await.unwrap();
    let sql = observed.statements.lock().unwrap().pop().expect("a statement was run");
    let explain = Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"));
    let plan: String = observed.raw.query_one_raw(explain).await.unwrap().unwrap().try_get("", "detail").unwrap();
    assert!(plan.contains("USING COVERING INDEX change_event_seq (seq=?"), "{plan}");
    observed.desk.store.close().await.unwrap();
}

#[tokio::test]
async fn the_state_for_metrics_is_read_without_a_scan_of_the_log_or_the_changes() {
    let observed = Observed::new().await;
    observed.desk.store.vitals().await.unwrap();
    let sql = observed.statements.lock().unwrap().pop().expect("a statement was run");
    let explain = Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"));
    let plan = observed.raw.query_all_raw(explain).await.unwrap();
    let plan: Vec<String> = plan.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
    assert!(plan.iter().any(|step| step.contains("change_event_seq")), "{plan:#?}");
    let scans = plan.iter().filter(|step| step.starts_with("SCAN") && !step.contains("INDEX") && !step.contains("CONSTANT"));
    // Backlogs are counted up to a bound.
    let unbounded: Vec<_> = scans.filter(|step| ["event", "change"].contains(&&step["SCAN ".len()..])).collect();
    assert!(unbounded.is_empty(), "{plan:#?}");
    observed.desk.store.close().await.unwrap();
}

/// Asserts that rows are read by the parent's id, so that only the parent's rows are sorted.
fn assert_is_the_parents(plan: &[String], allowed: &[&str]) {
    for step in plan.iter().filter(|step| !step.contains("TEMP B-TREE")) {
        assert!(allowed.iter().any(|allowed| step.contains(allowed)), "{allowed:?}: {plan:#?}");
    }
}
