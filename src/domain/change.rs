//! Changes: the items of the feed, which live cursors count.

use std::fmt;

use super::cursor;

/// The type of what changed, or of what an event is about.
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

    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Customer => "customer",
            Self::Conversation => "conversation",
            Self::Message => "message",
            Self::Ticket => "ticket",
        }
    }

    /// The type of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.word() == word)
    }
}

/// What happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It is new.
    Created,
    /// It is different.
    Updated,
    /// It was deleted.
    Deleted,
}

impl ChangeKind {
    const ALL: [Self; 3] = [Self::Created, Self::Updated, Self::Deleted];

    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }

    /// The kind of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The change that a reader sees of something that can be deleted, given its presence before and after; `None` when
    /// there is nothing to see. `touched` tells whether anything visible differs.
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

/// Whether readers see something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It does not exist, or only as a tombstone.
    Unseen,
    /// It exists.
    Alive,
    /// It exists, and was deleted.
    Deleted,
}

impl From<super::version::Life> for Presence {
    fn from(life: super::version::Life) -> Self {
        match (life.is_seen(), life.deleted_at()) {
            (false, _) => Self::Unseen,
            (true, None) => Self::Alive,
            (true, Some(_)) => Self::Deleted,
        }
    }
}

/// One change that an event made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place among all changes.
    pub position: i64,
    /// The event.
    pub seq: i64,
    /// What changed.
    pub subject_type: SubjectType,
    /// Its source id (of a message: its key; of an event: its sequence number).
    pub subject_id: String,
    /// What happened.
    pub kind: ChangeKind,
}

/// A live cursor: its holder has seen all changes up to this position of this store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveCursor {
    /// The id of the store that gave it.
    pub store_id: String,
    /// The position.
    pub position: i64,
    /// Of a live page, what tells its state from others.
    pub page: Option<u64>,
}

impl LiveCursor {
    /// A position of a store.
    pub fn at(store_id: &str, position: i64) -> Self {
        Self { store_id: store_id.to_owned(), position, page: None }
    }

    /// Decodes a client's text, of this version or of the first one, which had no number: `live:STORE:POSITION`.
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

/// The text that clients keep: `live2:STORE:POSITION`, of a live page with a fourth part.
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
