//! Pages of lists: the arguments of a request, and the opaque cursors that mark a position in an order.
//!
//! A cursor contains its order, and the sort value and id of its row. With another order it would mark no position, so it is
//! refused.

use serde::{Deserialize, Serialize};

use super::cursor;

/// Page size if neither `first` nor `last` is given.
pub const DEFAULT_SIZE: u32 = 20;

/// The largest page size.
pub const MAX_SIZE: u32 = 200;

/// The direction of a sort order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Ascending.
    Asc,
    /// Descending.
    Desc,
}

/// The sort keys of customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CustomerOrder {
    /// By folded name.
    Name,
    /// By creation.
    CreatedAt,
    /// By last update.
    UpdatedAt,
}

/// The sort keys of conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConversationOrder {
    /// By time of the last message.
    LastMessageAt,
    /// By start.
    StartedAt,
    /// By number of unread messages.
    UnreadCount,
}

/// The sort keys of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageOrder {
    /// By sending time.
    SentAt,
}

/// The sort keys of tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TicketOrder {
    /// By creation.
    CreatedAt,
    /// By due time.
    DueAt,
    /// By last update.
    UpdatedAt,
    /// By urgency.
    Level,
}

/// The sort keys of staff members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StaffOrder {
    /// By folded name.
    Name,
}

/// The sort keys of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventOrder {
    /// By sequence number.
    Seq,
}

/// The value by which a row is sorted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SortValue {
    /// No value. Such rows come last in both directions.
    Null,
    /// An instant or a count.
    Int(i64),
    /// A folded text.
    Text(String),
}

/// A position in a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cursor {
    /// The order it belongs to, such as `customer.name.asc`.
    #[serde(rename = "o")]
    pub order: String,
    /// The sort value of its row.
    #[serde(rename = "k")]
    pub value: SortValue,
    /// The id of its row.
    #[serde(rename = "i")]
    pub id: String,
}

impl Cursor {
    /// Encodes the cursor for clients.
    pub fn encode(&self) -> String {
        cursor::encode(serde_json::to_vec(self).expect("a cursor is plain data"))
    }

    /// Decodes a client's text; `None` if it is not a cursor.
    pub fn decode(text: &str) -> Option<Self> {
        serde_json::from_str(&cursor::decode(text)?).ok()
    }
}

/// The pagination arguments of a list, as in the Relay specification.
#[derive(Clone, Debug, Default)]
pub struct PageArgs {
    /// Return the first n rows.
    pub first: Option<i32>,
    /// Return rows after this cursor.
    pub after: Option<String>,
    /// Return the last n rows.
    pub last: Option<i32>,
    /// Return rows before this cursor.
    pub before: Option<String>,
}

/// A validated request for a page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageRequest<O> {
    /// The sort key. Ties are broken by id, in the same direction.
    pub order: O,
    /// The direction.
    pub direction: Direction,
    /// The largest number of rows.
    pub limit: u32,
    /// Whether the rows are taken from the end of the list.
    pub from_end: bool,
    /// Only rows after this position.
    pub after: Option<Cursor>,
    /// Only rows before this position.
    pub before: Option<Cursor>,
}

/// Why pagination arguments are invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPage {
    /// Both `first` and `last` are given.
    #[error("`first` and `last` can't be used together: ask for one end of the list")]
    BothEnds,
    /// The page size is out of range.
    #[error("`{argument}` is {value}: expected a whole number from 0 to {max}")]
    Size {
        /// `first` or `last`
        argument: &'static str,
        /// The value given.
        value: i32,
        /// The largest value allowed.
        max: u32,
    },
    /// The text is not a cursor.
    #[error("`{argument}` is not a cursor of this API: expected one from `pageInfo` or `edges`, unchanged")]
    Cursor {
        /// `after` or `before`
        argument: &'static str,
    },
    /// The cursor belongs to another list or order.
    #[error("`{argument}` is a cursor of the order {found}, but this list is in the order {expected}")]
    OtherOrder {
        /// `after` or `before`
        argument: &'static str,
        /// The cursor's order.
        found: String,
        /// The list's order.
        expected: String,
    },
}

/// A sort key of a list.
pub trait Order: Copy {
    /// Its name in cursors, such as `customer.name`.
    fn name(self) -> &'static str;
}

impl Order for CustomerOrder {
    fn name(self) -> &'static str {
        match self {
            Self::Name => "customer.name",
            Self::CreatedAt => "customer.created_at",
            Self::UpdatedAt => "customer.updated_at",
        }
    }
}

impl Order for ConversationOrder {
    fn name(self) -> &'static str {
        match self {
            Self::LastMessageAt => "conversation.last_message_at",
            Self::StartedAt => "conversation.started_at",
            Self::UnreadCount => "conversation.unread_count",
        }
    }
}

impl Order for MessageOrder {
    fn name(self) -> &'static str {
        match self {
            Self::SentAt => "message.sent_at",
        }
    }
}

impl Order for TicketOrder {
    fn name(self) -> &'static str {
        match self {
            Self::CreatedAt => "ticket.created_at",
            Self::DueAt => "ticket.due_at",
            Self::UpdatedAt => "ticket.updated_at",
            Self::Level => "ticket.level",
        }
    }
}

impl Order for StaffOrder {
    fn name(self) -> &'static str {
        match self {
            Self::Name => "staff.name",
        }
    }
}

impl Order for EventOrder {
    fn name(self) -> &'static str {
        match self {
            Self::Seq => "event.seq",
        }
    }
}

/// The number of rows that an argument requests, which must be at most `max`.
pub fn size(argument: &'static str, requested: Option<i32>, max: u32) -> Result<Option<u32>, InvalidPage> {
    let Some(value) = requested else { return Ok(None) };
    match u32::try_from(value) {
        Ok(size) if size <= max => Ok(Some(size)),
        _ => Err(InvalidPage::Size { argument, value, max }),
    }
}

impl<O: Order> PageRequest<O> {
    /// Validates pagination arguments for an order.
    pub fn new(args: &PageArgs, order: O, direction: Direction, max_size: u32) -> Result<Self, InvalidPage> {
        if args.first.is_some() && args.last.is_some() {
            return Err(InvalidPage::BothEnds);
        }
        let first = size("first", args.first, max_size)?;
        let last = size("last", args.last, max_size)?;
        let mut request = Self {
            order,
            direction,
            limit: first.or(last).unwrap_or(DEFAULT_SIZE.min(max_size)),
            from_end: last.is_some(),
            after: None,
            before: None,
        };
        request.after = request.cursor("after", args.after.as_deref())?;
        request.before = request.cursor("before", args.before.as_deref())?;
        Ok(request)
    }

    /// The name of this order in cursors: `customer.name.asc`.
    pub fn order_name(&self) -> String {
        let direction = match self.direction {
            Direction::Asc => "asc",
            Direction::Desc => "desc",
        };
        format!("{}.{direction}", self.order.name())
    }

    fn cursor(&self, argument: &'static str, text: Option<&str>) -> Result<Option<Cursor>, InvalidPage> {
        let Some(text) = text else { return Ok(None) };
        let cursor = Cursor::decode(text).ok_or(InvalidPage::Cursor { argument })?;
        let expected = self.order_name();
        if cursor.order != expected {
            return Err(InvalidPage::OtherOrder { argument, found: cursor.order, expected });
        }
        Ok(Some(cursor))
    }
}

/// A page of results.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows with their cursors, in the list's order.
    pub rows: Vec<(Cursor, T)>,
    /// Whether more rows follow.
    pub has_next: bool,
    /// Whether rows precede the page.
    pub has_previous: bool,
}

impl<T> Page<T> {
    /// A page without rows.
    pub fn empty() -> Self {
        Self { rows: Vec::new(), has_next: false, has_previous: false }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, CustomerOrder, Direction, InvalidPage, PageArgs, PageRequest, SortValue};

    fn request(args: &PageArgs) -> Result<PageRequest<CustomerOrder>, InvalidPage> {
        PageRequest::new(args, CustomerOrder::Name, Direction::Asc, 200)
    }

    #[test]
    fn a_cursor_is_refused_with_another_order() {
        let cursor = Cursor { order: "customer.created_at.desc".into(), value: SortValue::Int(1), id: "a".into() };
        let args = PageArgs { after: Some(cursor.encode()), ..PageArgs::default() };
        assert!(matches!(request(&args), Err(InvalidPage::OtherOrder { argument: "after", .. })));
    }

    #[test]
    fn cursors_read_back_with_every_kind_of_value() {
        for value in [SortValue::Null, SortValue::Int(-3), SortValue::Text("ă".into())] {
            let cursor = Cursor { order: "customer.name.asc".into(), value, id: "x".into() };
            assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        }
    }

    #[test]
    fn page_sizes_outside_the_limits_are_refused() {
        for (first, last) in [(Some(-1), None), (None, Some(201)), (Some(1), Some(1))] {
            assert!(request(&PageArgs { first, last, ..PageArgs::default() }).is_err());
        }
        assert_eq!(request(&PageArgs::default()).unwrap().limit, 20);
    }
}
