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
}

impl LiveCursor {
    /// Decodes a client's text.
    pub fn decode(text: &str) -> Option<Self> {
        let decoded = cursor::decode(text)?;
        let (store_id, position) = decoded.strip_prefix("live:")?.split_once(':')?;
        let position = position.parse().ok().filter(|position| *position >= 0)?;
        Some(Self { store_id: store_id.to_owned(), position })
    }
}

/// The text that clients keep.
impl fmt::Display for LiveCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&cursor::encode(format!("live:{}:{}", self.store_id, self.position)))
    }
}

#[cfg(test)]
mod tests {
    use super::LiveCursor;

    #[test]
    fn live_cursors_read_back_and_others_do_not() {
        let cursor = LiveCursor { store_id: "a1b2".into(), position: 42 };
        assert_eq!(LiveCursor::decode(&cursor.to_string()), Some(cursor));
        for text in ["", "42", "bGl2ZTphOi0x"] {
            assert_eq!(LiveCursor::decode(text), None);
        }
    }
}
