//! Changes: the items of the change feed, whose positions live cursors hold.

use std::fmt;

use super::cursor;

/// The type of the object that changed, or that an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectType {
    /// A stored event.
    Event,
    /// A customer.
    Customer,
    /// A conversation.
    Conversation,
    /// A message.
    Message,
    /// A ticket.
    Ticket,
}

impl SubjectType {
    const ALL: [Self; 5] = [Self::Event, Self::Customer, Self::Conversation, Self::Message, Self::Ticket];

    /// The word it is stored as.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Customer => "customer",
            Self::Conversation => "conversation",
            Self::Message => "message",
            Self::Ticket => "ticket",
        }
    }

    /// Parses a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.word() == word)
    }
}

/// How an object changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It was created.
    Created,
    /// It was updated.
    Updated,
    /// It was deleted.
    Deleted,
}

impl ChangeKind {
    const ALL: [Self; 3] = [Self::Created, Self::Updated, Self::Deleted];

    /// The word it is stored as.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }

    /// Parses a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The change that readers see, given the object's presence before and after; `None` if they see no difference. `touched`
    /// says whether any visible value differs.
    pub fn between(before: Presence, after: Presence, touched: bool) -> Option<Self> {
        match (before, after) {
            (_, Presence::Unseen) => None,
            (Presence::Unseen | Presence::Alive, Presence::Deleted) => Some(Self::Deleted),
            (Presence::Unseen, Presence::Alive) => Some(Self::Created),
            (Presence::Deleted, Presence::Alive) => Some(Self::Updated),
            (Presence::Alive, Presence::Alive) | (Presence::Deleted, Presence::Deleted) => touched.then_some(Self::Updated),
        }
    }
}

/// Whether an object is visible to readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It does not exist, or only as a tombstone.
    Unseen,
    /// It exists and is not deleted.
    Alive,
    /// It exists and is marked as deleted.
    Deleted,
}

impl From<super::version::Lifecycle> for Presence {
    fn from(lifecycle: super::version::Lifecycle) -> Self {
        match (lifecycle.is_seen(), lifecycle.deleted_at()) {
            (false, _) => Self::Unseen,
            (true, None) => Self::Alive,
            (true, Some(_)) => Self::Deleted,
        }
    }
}

/// One change to one object, caused by an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its position among all changes of the store.
    pub position: i64,
    /// The sequence number of the event that caused it.
    pub seq: i64,
    /// The type of the object that changed.
    pub subject_type: SubjectType,
    /// The object's source id: for a message its key, for an event its sequence number.
    pub subject_id: String,
    /// How the object changed.
    pub kind: ChangeKind,
    /// The changed link to a customer, if nothing else of the object changed.
    pub relinked: Option<Relinked>,
}

/// A changed link to a customer. At least one of the customers is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Relinked {
    /// The customer before, if any.
    pub before: Option<String>,
    /// The customer after, if any.
    pub after: Option<String>,
}

impl Relinked {
    /// The change from one customer to another; `None` if there was none and is none.
    pub fn between(before: Option<String>, after: Option<String>) -> Option<Self> {
        (before.is_some() || after.is_some()).then_some(Self { before, after })
    }

    /// Both changes as one.
    pub fn then(self, later: Self) -> Option<Self> {
        Self::between(self.before, later.after)
    }

    /// The customers.
    pub fn customers(&self) -> impl Iterator<Item = &str> {
        self.before.iter().chain(&self.after).map(String::as_str)
    }
}

/// A live cursor: its holder has received all changes of this store up to this position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveCursor {
    /// The id of the store that issued it.
    pub store_id: String,
    /// The position.
    pub position: i64,
    /// For a live page, a digest of the page's state at that position.
    pub page: Option<u64>,
}

impl LiveCursor {
    /// A cursor at a position of a store.
    pub fn at(store_id: &str, position: i64) -> Self {
        Self { store_id: store_id.to_owned(), position, page: None }
    }

    /// Decodes a client's text. Also accepts the first version, which had no number: `live:STORE:POSITION`.
    pub fn decode(text: &str) -> Option<Self> {
        let decoded = cursor::decode(text)?;
        let mut parts = decoded.split(':');
        let is_first = match parts.next()? {
            "live" => true,
            "live2" => false,
            _ => return None,
        };
        let store_id = parts.next()?.to_owned();
        let position = parts.next()?.parse().ok().filter(|position| *position >= 0)?;
        let page = match parts.next() {
            None => None,
            Some(_) if is_first => return None,
            Some(page) => Some(u64::from_str_radix(page, 16).ok()?),
        };
        parts.next().is_none().then_some(Self { store_id, position, page })
    }
}

/// The text given to clients: `live2:STORE:POSITION`, with a fourth part for a live page.
impl fmt::Display for LiveCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store_id, position, page } = self;
        f.write_str(&cursor::encode(match page {
            Some(page) => format!("live2:{store_id}:{position}:{page:x}"),
            None => format!("live2:{store_id}:{position}"),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::LiveCursor;

    #[test]
    fn live_cursors_read_back_and_others_do_not() {
        for page in [None, Some(0), Some(u64::MAX)] {
            let cursor = LiveCursor { store_id: "a1b2".into(), position: 42, page };
            assert_eq!(LiveCursor::decode(&cursor.to_string()), Some(cursor));
        }
        let coded =
            ["live3:a:1", "live:a:1:2", "live2:a:1:2:3", "live2:a:1:x", "live2:a", "live2:a:-1"].map(super::cursor::encode);
        for text in ["", "42", "bGl2ZTphOi0x"].into_iter().chain(coded.iter().map(String::as_str)) {
            assert_eq!(LiveCursor::decode(text), None);
        }
    }
}
