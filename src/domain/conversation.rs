//! A conversation: a set of last-writer-wins registers. Each holds the value with the latest stamp, so events can arrive in any
//! order and a conversation is never folded again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    contact,
    event::{ChannelRef, Field, MessageSent, StatusChanged},
    message::Participant,
    time::Timestamp,
    words,
};

/// A conversation as readers see it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Conversation {
    /// The CRM's id.
    pub id: String,
    /// Platform as sent; `None` if only status events of the conversation have arrived.
    pub platform_name: Option<String>,
    /// The channel it goes through.
    pub channel: Option<ChannelRef>,
    /// The platform's application id.
    pub app_id: Option<String>,
    /// The contact.
    pub contact: Participant,
    /// The id of the customer that the contact was matched to.
    pub customer_id: Option<String>,
    /// Whether it is closed.
    pub is_closed: bool,
    /// Chat mode, lower case.
    pub chat_mode: Option<String>,
    /// When staff were assigned.
    pub assigned_at: Option<Timestamp>,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// When its last message was sent.
    pub last_message_at: Option<Timestamp>,
    /// The key of its last message.
    pub last_message_key: Option<String>,
    /// How many messages it has.
    pub message_count: i64,
    /// How many of them are inbound and not read.
    pub unread_count: i64,
}

impl Conversation {
    /// The platform as it is compared.
    pub fn platform_key(&self) -> String {
        self.platform_name.as_deref().map_or_else(|| words::UNKNOWN_PLATFORM.to_owned(), words::key)
    }

    /// The contact's id as an e-mail address or phone number, normalised, where it is one.
    pub fn contact_key(&self) -> Option<String> {
        self.contact.source_id.as_deref().and_then(contact::contact_key)
    }
}

/// The folded state of a conversation.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct State {
    /// The part that readers see.
    pub shown: Conversation,
    /// Ids of the assigned staff, in the order sent.
    pub assignees: Vec<String>,
    /// The stamp of the last write to each register.
    pub stamps: Stamps,
}

/// The time and origin of a value: the greater stamp wins. Messages sent at the same instant are ordered by message key, then
/// arrival, then payload digest, so that the winner does not depend on the order of arrival.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    /// For a message, when it was sent; for a status event, when it arrived. In milliseconds.
    at: i64,
    /// The message's key; empty for a status event.
    key: String,
    /// Time of arrival, in milliseconds.
    received_at: i64,
    /// The digest of the payload.
    digest: String,
}

impl Stamp {
    /// The stamp of a message.
    pub fn of_message(message: &MessageSent, received_at: Timestamp, digest: &str) -> Self {
        Self {
            at: message.sent_at(received_at).as_millis(),
            key: message.key(),
            received_at: received_at.as_millis(),
            digest: digest.to_owned(),
        }
    }

    /// The stamp of a status event.
    pub fn of_status(status: &StatusChanged, received_at: Timestamp) -> Self {
        Self {
            at: received_at.as_millis(),
            key: String::new(),
            received_at: received_at.as_millis(),
            digest: status.is_closed.to_string(),
        }
    }
}

/// A part of the state that is written independently of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Register {
    Platform,
    Channel,
    AppId,
    ContactId,
    ContactName,
    ContactAvatar,
    ChatMode,
    Assignees,
    AssignedAt,
    IsClosed,
}

/// The stamp of every register written so far.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Stamps(BTreeMap<Register, Stamp>);

impl Stamps {
    /// Records `stamp` as the register's writer and returns true, if it is later than the current one.
    fn take(&mut self, register: Register, stamp: &Stamp) -> bool {
        if self.0.get(&register).is_some_and(|held| held >= stamp) {
            return false;
        }
        self.0.insert(register, stamp.clone());
        true
    }

    /// Serialises the stamps for storage, grouped by stamp, since one message usually writes all registers.
    pub fn to_text(&self) -> String {
        let mut groups: Vec<(&Stamp, Vec<Register>)> = Vec::new();
        for (register, stamp) in &self.0 {
            match groups.iter_mut().find(|(known, _)| *known == stamp) {
                Some((_, registers)) => registers.push(*register),
                None => groups.push((stamp, vec![*register])),
            }
        }
        serde_json::to_string(&groups).expect("stamps are plain data")
    }

    /// Parses stored stamps.
    pub fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        let groups: Vec<(Stamp, Vec<Register>)> = serde_json::from_str(text)?;
        let stamps = groups.into_iter().flat_map(|(stamp, registers)| registers.into_iter().map(move |r| (r, stamp.clone())));
        Ok(Self(stamps.collect()))
    }
}

impl State {
    /// A conversation about which nothing but the id is known.
    pub fn new(id: &str) -> Self {
        Self { shown: Conversation { id: id.to_owned(), ..Conversation::default() }, ..Self::default() }
    }

    /// Whether readers see no difference between two states.
    pub fn looks_like(&self, other: &Self) -> bool {
        self.shown == other.shown && self.assignees == other.assignees
    }

    /// Applies the fields of a message that describe its conversation.
    pub fn apply_message(&mut self, message: &MessageSent, stamp: &Stamp) {
        let Self { shown, assignees, stamps } = self;
        let mut write = |register, carried: bool| carried && stamps.take(register, stamp);
        if write(Register::Platform, message.platform.is_some()) {
            shown.platform_name.clone_from(&message.platform);
        }
        if write(Register::Channel, message.channel.is_carried()) {
            message.channel.write(&mut shown.channel);
        }
        if write(Register::AppId, message.app_id.is_carried()) {
            message.app_id.write(&mut shown.app_id);
        }
        let contact = message.contact();
        if write(Register::ContactId, contact.id.is_carried()) {
            contact.id.write(&mut shown.contact.source_id);
        }
        if write(Register::ContactName, contact.name.is_carried()) {
            contact.name.write(&mut shown.contact.name);
        }
        if write(Register::ContactAvatar, contact.avatar.is_carried()) {
            contact.avatar.write(&mut shown.contact.avatar);
        }
        if write(Register::ChatMode, message.chat_mode.is_carried()) {
            shown.chat_mode = message.chat_mode.as_set().map(|word| words::key(word));
        }
        if write(Register::Assignees, message.assignees.is_carried()) {
            *assignees = message.assignees.as_set().into_iter().flatten().map(|staff| staff.id.clone()).collect();
        }
        if write(Register::AssignedAt, message.assigned_at.is_carried()) {
            message.assigned_at.write(&mut shown.assigned_at);
        }
        if write(Register::IsClosed, message.is_closed.is_carried()) {
            shown.is_closed = message.is_closed == Field::Set(true);
        }
        shown.started_at = match (shown.started_at, message.started_at) {
            (Some(known), Some(sent)) => Some(known.min(sent)),
            (known, sent) => known.or(sent),
        };
    }

    /// Applies a status event.
    pub fn apply_status(&mut self, status: &StatusChanged, stamp: &Stamp) {
        if self.stamps.take(Register::IsClosed, stamp) {
            self.shown.is_closed = status.is_closed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Stamp, State};
    use crate::domain::{
        event::{Field, MessageSent, StatusChanged},
        time::Timestamp,
    };

    fn at(ms: i64) -> Timestamp {
        Timestamp::clamped(ms)
    }

    fn message(id: &str, time: i64, closed: bool) -> MessageSent {
        MessageSent {
            message_id: id.into(),
            conversation_id: "c".into(),
            platform: Some("zalo".into()),
            time: Field::Set(at(time)),
            is_closed: Field::Set(closed),
            chat_mode: Field::Set("Private".into()),
            ..MessageSent::default()
        }
    }

    #[test]
    fn the_later_of_message_time_and_status_arrival_decides_whether_it_is_closed() {
        let mut conversation = State::new("c");
        let close = StatusChanged { conversation_id: "c".into(), is_closed: true };
        conversation.apply_status(&close, &Stamp::of_status(&close, at(100)));
        let late = message("m1", 90, false);
        conversation.apply_message(&late, &Stamp::of_message(&late, at(200), "d"));
        assert!(conversation.shown.is_closed, "the message was sent before the status arrived");
        assert_eq!(conversation.shown.chat_mode.as_deref(), Some("private"));
        let newer = message("m2", 101, false);
        conversation.apply_message(&newer, &Stamp::of_message(&newer, at(201), "d"));
        assert!(!conversation.shown.is_closed);
    }

    #[test]
    fn stamps_survive_storage() {
        let mut conversation = State::new("c");
        let sent = message("m1", 90, false);
        conversation.apply_message(&sent, &Stamp::of_message(&sent, at(200), "d"));
        let close = StatusChanged { conversation_id: "c".into(), is_closed: true };
        conversation.apply_status(&close, &Stamp::of_status(&close, at(300)));
        let text = conversation.stamps.to_text();
        assert_eq!(super::Stamps::from_text(&text).unwrap(), conversation.stamps);
    }
}
