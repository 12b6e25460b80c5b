//! Pages of lists: for random rows with ties and missing values, every page equals that of all rows sorted in memory; and
//! paging returns each row once while rows are added.

use std::{cmp::Ordering, collections::HashMap};

use deskgraph::{
    domain::{
        filter::{ConversationFilter, CustomerFilter, MessageFilter, TicketFilter},
        page::{
            ConversationOrder, Cursor, CustomerOrder, Direction, MessageOrder, Order, Page, PageRequest, SortValue, TicketOrder,
        },
    },
    store::{Pages, Parent, Reader},
};
use proptest::{collection::vec, option, prelude::*, sample::select, test_runner::Config};
use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::support::{
    desk::Desk,
    property::{cases, run},
};

/// A row as far as lists depend on it; the parent is one of three.
#[derive(Clone, Debug)]
struct Row {
    id: String,
    parent: usize,
    value: Option<usize>,
}

/// A request, with rows for its cursors.
#[derive(Clone, Debug)]
struct Query {
    descending: bool,
    from_end: bool,
    limit: u32,
    after: Option<usize>,
    before: Option<usize>,
}

/// Sort texts: compared byte by byte.
const TEXTS: [&str; 4] = ["", "a", "ab c", "ă"];

#[derive(Clone, Copy, Debug)]
enum List {
    CustomersByName,
    CustomersByCreation,
    Conversations,
    ConversationsByUnread,
    Messages,
    TicketsByLevel,
    TicketsByDue,
}

impl List {
    /// Whether its rows always have a sort value.
    fn is_full(self) -> bool {
        matches!(self, Self::Messages | Self::ConversationsByUnread)
    }

    fn value(self, value: Option<usize>) -> SortValue {
        match (self, value.or(self.is_full().then_some(0))) {
            (_, None) => SortValue::Null,
            (Self::CustomersByName, Some(value)) => SortValue::Text(TEXTS[value].to_owned()),
            (_, Some(value)) => SortValue::Int(i64::try_from(value).unwrap()),
        }
    }

    fn insert(self, row: &Row) -> String {
        let (id, parent) = (&row.id, row.parent);
        let value = match self.value(row.value) {
            SortValue::Null => "NULL".to_owned(),
            SortValue::Int(value) => value.to_string(),
            SortValue::Text(text) => format!("'{text}'"),
        };
        match self {
            Self::CustomersByName => {
                format!("INSERT INTO customer (id, manager_id, name_key, version_at) VALUES ('{id}', 'p{parent}', {value}, 0)")
            }
            Self::CustomersByCreation => {
                format!("INSERT INTO customer (id, manager_id, created_at, version_at) VALUES ('{id}', 'p{parent}', {value}, 0)")
            }
            Self::Conversations => format!(
                "INSERT INTO conversation (id, customer_id, last_message_at, platform, is_closed, message_count, unread_count, stamps) VALUES ('{id}', 'p{parent}', {value}, 'zalo', FALSE, 0, 0, '[]')"
            ),
            Self::ConversationsByUnread => format!(
                "INSERT INTO conversation (id, customer_id, unread_count, platform, is_closed, message_count, stamps) VALUES ('{id}', 'p{parent}', {value}, 'zalo', FALSE, 0, '[]')"
            ),
            Self::Messages => format!(
                "INSERT INTO message (key, conversation_id, sent_at, source_id, platform, platform_name, outbound, type_key, is_read, creates_contact, has_time, event_seq, version_received_at) VALUES ('{id}', 'p{parent}', {value}, 'm', 'zalo', 'zalo', FALSE, 'text', FALSE, FALSE, FALSE, 1, 0)"
            ),
            Self::TicketsByLevel => format!(
                "INSERT INTO ticket (id, customer_id, level_rank, is_reminded, version_at) VALUES ('{id}', 'p{parent}', {value}, FALSE, 0)"
            ),
            Self::TicketsByDue => format!(
                "INSERT INTO ticket (id, customer_id, due_at, is_reminded, version_at) VALUES ('{id}', 'p{parent}', {value}, FALSE, 0)"
            ),
        }
    }

    fn parent(self, parent: usize) -> Parent {
        let id = format!("p{parent}");
        match self {
            Self::CustomersByName | Self::CustomersByCreation => Parent::Staff(id),
            Self::Messages => Parent::Conversation(id),
            _ => Parent::Customer(id),
        }
    }

    /// The ids of the requested pages, by parent.
    async fn read(self, reader: &Reader, parents: &[Parent], query: &Query, cursors: [Option<&Row>; 2]) -> HashMap<String, Seen> {
        match self {
            Self::CustomersByName => {
                let request = self.request(CustomerOrder::Name, query, cursors);
                ids(reader.customers(parents, &CustomerFilter::default(), &request).await.unwrap())
            }
            Self::CustomersByCreation => {
                let request = self.request(CustomerOrder::CreatedAt, query, cursors);
                ids(reader.customers(parents, &CustomerFilter::default(), &request).await.unwrap())
            }
            Self::Conversations => {
                let request = self.request(ConversationOrder::LastMessageAt, query, cursors);
                ids(reader.conversations(parents, &ConversationFilter::default(), &request).await.unwrap())
            }
            Self::ConversationsByUnread => {
                let request = self.request(ConversationOrder::UnreadCount, query, cursors);
                ids(reader.conversations(parents, &ConversationFilter::default(), &request).await.unwrap())
            }
            Self::Messages => {
                let request = self.request(MessageOrder::SentAt, query, cursors);
                ids(reader.messages(parents, &MessageFilter::default(), &request).await.unwrap())
            }
            Self::TicketsByLevel => {
                let request = self.request(TicketOrder::Level, query, cursors);
                ids(reader.tickets(parents, &TicketFilter::default(), &request).await.unwrap())
            }
            Self::TicketsByDue => {
                let request = self.request(TicketOrder::DueAt, query, cursors);
                ids(reader.tickets(parents, &TicketFilter::default(), &request).await.unwrap())
            }
        }
    }

    fn request<O: Order>(self, order: O, query: &Query, [after, before]: [Option<&Row>; 2]) -> PageRequest<O> {
        let direction = if query.descending { Direction::Desc } else { Direction::Asc };
        let mut request =
            PageRequest { order, direction, limit: query.limit, from_end: query.from_end, after: None, before: None };
        let cursor = |row: &Row| Cursor { order: request.order_name(), value: self.value(row.value), id: row.id.clone() };
        (request.after, request.before) = (after.map(cursor), before.map(cursor));
        request
    }

    fn order(self, one: &Row, other: &Row, descending: bool) -> Ordering {
        let value = |row: &Row| row.value.or(self.is_full().then_some(0));
        let towards = |order: Ordering| if descending { order.reverse() } else { order };
        value(one)
            .is_none()
            .cmp(&value(other).is_none())
            .then_with(|| towards(value(one).cmp(&value(other))))
            .then_with(|| towards(one.id.cmp(&other.id)))
    }

    /// The expected page, by sorting in memory.
    fn expected(self, rows: &[Row], parent: Option<usize>, query: &Query, [after, before]: [Option<&Row>; 2]) -> Seen {
        let mut rows: Vec<&Row> = rows.iter().filter(|row| parent.is_none_or(|parent| row.parent == parent)).collect();
        rows.sort_by(|one, other| self.order(one, other, query.descending));
        rows.retain(|row| after.is_none_or(|after| self.order(row, after, query.descending).is_gt()));
        rows.retain(|row| before.is_none_or(|before| self.order(row, before, query.descending).is_lt()));
        let limit = query.limit as usize;
        let more = rows.len() > limit;
        let page = if query.from_end {
            rows.split_off(rows.len().saturating_sub(limit))
        } else {
            rows.into_iter().take(limit).collect()
        };
        Seen {
            ids: page.into_iter().map(|row| row.id.clone()).collect(),
            has_next: before.is_some() || (more && !query.from_end),
            has_previous: after.is_some() || (more && query.from_end),
        }
    }
}

/// The content of a page.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    ids: Vec<String>,
    has_next: bool,
    has_previous: bool,
}

fn ids<T>(pages: Pages<T>) -> HashMap<String, Seen> {
    let of = |page: Page<T>| page.rows.into_iter().map(|(cursor, _)| cursor.id).collect();
    pages
        .into_iter()
        .map(|(parent, page)| (parent, Seen { has_next: page.has_next, has_previous: page.has_previous, ids: of(page) }))
        .collect()
}

fn lists() -> impl Strategy<Value = List> {
    select(vec![
        List::CustomersByName,
        List::CustomersByCreation,
        List::Conversations,
        List::ConversationsByUnread,
        List::Messages,
        List::TicketsByLevel,
        List::TicketsByDue,
    ])
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    vec((0usize..3, option::weighted(0.7, 0usize..4)), 0..25).prop_map(|rows| {
        rows.into_iter().enumerate().map(|(n, (parent, value))| Row { id: format!("x{n}"), parent, value }).collect()
    })
}

fn queries() -> impl Strategy<Value = Query> {
    let cursor = || option::weighted(0.5, 0usize..25);
    (any::<bool>(), any::<bool>(), 0u32..7, cursor(), cursor()).prop_map(|(descending, from_end, limit, after, before)| Query {
        descending,
        from_end,
        limit,
        after,
        before,
    })
}

async fn fill(db: &DatabaseConnection, list: List, rows: &[Row]) {
    let statements: Vec<String> = rows.iter().map(|row| list.insert(row)).collect();
    db.execute_unprepared(&format!("BEGIN; {}; COMMIT", statements.join("; "))).await.unwrap();
}

proptest! {
    #![proptest_config(Config { cases: cases(60), max_shrink_time: 60_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn every_page_equals_that_of_all_rows_sorted_in_memory(list in lists(), rows in rows(), queries in vec(queries(), 12)) {
        run(async {
            let desk = Desk::new().await;
            fill(&desk.raw().await, list, &rows).await;
            let parents = [2, 0, 1].map(|parent| list.parent(parent));
            for query in queries {
                let cursors = [query.after, query.before].map(|index| index.and_then(|index| rows.get(index)));
                let all = list.read(&desk.reader(), &[Parent::All], &query, cursors).await;
                prop_assert_eq!(&all[""], &list.expected(&rows, None, &query, cursors), "{:?}", query);
                let by_parent = list.read(&desk.reader(), &parents, &query, cursors).await;
                for parent in 0..3 {
                    let expected = list.expected(&rows, Some(parent), &query, cursors);
                    prop_assert_eq!(&by_parent[list.parent(parent).id()], &expected, "parent {} {:?}", parent, query);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn paging_through_returns_each_row_once_while_rows_are_added(
        list in lists(), rows in rows(), added in rows(), descending in any::<bool>(), from_end in any::<bool>(), limit in 1u32..6,
    ) {
        run(async {
            let desk = Desk::new().await;
            let db = desk.raw().await;
            fill(&db, list, &rows).await;
            let mut added = added.into_iter().map(|row| Row { id: format!("y{}", row.id), ..row });
            let query = Query { descending, from_end, limit, after: None, before: None };
            let mut known = rows.clone();
            let (mut walked, mut cursor): (Vec<String>, Option<Row>) = (Vec::new(), None);
            loop {
                let cursors = if from_end { [None, cursor.as_ref()] } else { [cursor.as_ref(), None] };
                let mut page = list.read(&desk.reader(), &[Parent::All], &query, cursors).await.remove("").unwrap();
                let more = if from_end { page.has_previous } else { page.has_next };
                if from_end {
                    page.ids.reverse();
                }
                prop_assert_eq!(if from_end { page.has_next } else { page.has_previous }, cursor.is_some());
                walked.extend(page.ids);
                if !more {
                    break;
                }
                let last = walked.last().unwrap();
                cursor = known.iter().find(|row| row.id == *last).cloned();
                let new: Vec<Row> = added.by_ref().take(2).collect();
                fill(&db, list, &new).await;
                known.extend(new);
            }
            let mut once = walked.clone();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(once.len(), walked.len(), "no row is returned twice");
            let mut expected = rows.clone();
            expected.sort_by(|one, other| list.order(one, other, descending));
            if from_end {
                expected.reverse();
            }
            let expected: Vec<String> = expected.into_iter().map(|row| row.id).collect();
            walked.retain(|id| id.starts_with('x'));
            prop_assert_eq!(walked, expected, "each row that existed from the beginning is returned, in order");
            Ok(())
        })?;
    }
}
