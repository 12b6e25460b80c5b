//! A message, and how its payloads are folded. Its versions are ordered by arrival: the CRM sends a message again when
//! something changed, without a date of the change.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    customer::write_list,
    event::{ChannelRef, Field, MessageSent, Party, StaffRef},
    id,
    time::Timestamp,
    version::{Version, Versioned},
    words::{self, MessageType},
};

/// A participant in a conversation, as the platform shows them.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Participant {
    /// Their id on the platform.
    pub source_id: Option<String>,
    /// Their display name.
    pub name: Option<String>,
    /// The URL of their avatar.
    pub avatar: Option<String>,
}

impl Participant {
    /// Applies a payload's values.
    pub fn write(&mut self, party: &Party) {
        party.id.write(&mut self.source_id);
        party.name.write(&mut self.name);
        party.avatar.write(&mut self.avatar);
    }

    /// Whether no value is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// A message as readers see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Unique key, made of platform and message id (see [`id::message_key`]).
    pub key: String,
    /// The message's id on its platform.
    pub source_id: String,
    /// The conversation it belongs to.
    pub conversation_id: String,
    /// The conversation's customer.
    pub customer_id: Option<String>,
    /// Platform, lower case.
    pub platform: String,
    /// Platform as sent.
    pub platform_name: String,
    /// The channel it came through.
    pub channel: Option<ChannelRef>,
    /// The platform's application id.
    pub app_id: Option<String>,
    /// Whether the business side sent it.
    pub outbound: bool,
    /// Type as sent.
    pub type_name: Option<String>,
    /// Content.
    pub text: Option<String>,
    /// Shortened content.
    pub preview: Option<String>,
    /// Attached files, raw.
    pub attachments: Vec<Value>,
    /// Extra structured data.
    pub payload: Option<Value>,
    /// Who sent it.
    pub sender: Participant,
    /// Who received it.
    pub recipient: Participant,
    /// The staff member who answered. Never has an id.
    pub responder: Participant,
    /// Whether it has been read. Never reset to unread.
    pub is_read: bool,
    /// Ids of the staff who have read it, over all payloads.
    pub read_by: BTreeSet<String>,
    /// Whether it created a new customer.
    pub creates_contact: bool,
    /// The CRM's number for the source (`src`).
    pub source: Option<i32>,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// Sequence number of the first event that delivered it.
    pub event_seq: i64,
}

impl Message {
    /// Its type: as sent, else `Text` if there is text.
    pub fn kind(&self) -> MessageType {
        match &self.type_name {
            Some(word) => MessageType::of(word),
            None if self.text.is_some() => MessageType::Text,
            None => MessageType::Other,
        }
    }

    /// Whether it counts as unread: inbound and not read.
    pub fn is_unread(&self) -> bool {
        !self.outbound && !self.is_read
    }
}

/// The folded state of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The part that readers see, except the customer, which comes from the conversation.
    pub shown: Message,
    /// Whether `sent_at` comes from the payload's `time`, which takes precedence over other sources.
    pub has_time: bool,
    /// The version of the latest payload applied.
    pub version: Option<Version>,
}

impl State {
    /// A message with its identity only.
    pub fn new(payload: &MessageSent, received_at: Timestamp, seq: i64) -> Self {
        let platform = payload.platform_key();
        Self {
            shown: Message {
                key: id::message_key(&platform, &payload.message_id),
                source_id: payload.message_id.clone(),
                conversation_id: payload.conversation_id.clone(),
                customer_id: None,
                platform_name: platform.clone(),
                platform,
                channel: None,
                app_id: None,
                outbound: false,
                type_name: None,
                text: None,
                preview: None,
                attachments: Vec::new(),
                payload: None,
                sender: Participant::default(),
                recipient: Participant::default(),
                responder: Participant::default(),
                is_read: false,
                read_by: BTreeSet::new(),
                creates_contact: false,
                source: None,
                sent_at: payload.sent_at(received_at),
                created_at: None,
                event_seq: seq,
            },
            has_time: false,
            version: None,
        }
    }

    /// Whether readers see no difference between two states.
    pub fn looks_like(&self, other: &Self) -> bool {
        self.shown == other.shown
    }
}

impl MessageSent {
    /// The key of the message.
    pub fn key(&self) -> String {
        id::message_key(&self.platform_key(), &self.message_id)
    }

    /// Every staff member it mentions.
    pub fn staff(&self) -> impl Iterator<Item = &StaffRef> {
        self.read_by.iter().chain(self.assignees.as_set().into_iter().flatten())
    }
}

fn write_flag(field: &Field<bool>, stored: &mut bool) {
    match field {
        Field::Absent => {}
        Field::Clear => *stored = false,
        Field::Set(flag) => *stored = *flag,
    }
}

impl Versioned for State {
    type Payload = MessageSent;

    fn version_of(_: &MessageSent, received_at: Timestamp) -> Version {
        Version { at: received_at, rank: 0, received_at }
    }

    fn version(&self) -> Option<Version> {
        self.version
    }

    fn apply(&mut self, payload: &MessageSent, seq: i64, received_at: Timestamp) {
        let shown = &mut self.shown;
        if self.version.is_none() {
            shown.sent_at = payload.sent_at(received_at);
        }
        shown.conversation_id.clone_from(&payload.conversation_id);
        if let Some(platform) = &payload.platform {
            shown.platform_name.clone_from(platform);
        }
        payload.channel.write(&mut shown.channel);
        payload.app_id.write(&mut shown.app_id);
        write_flag(&payload.outbound, &mut shown.outbound);
        payload.type_name.write(&mut shown.type_name);
        payload.text.write(&mut shown.text);
        payload.preview.write(&mut shown.preview);
        write_list(&payload.attachments, &mut shown.attachments);
        payload.payload.write(&mut shown.payload);
        shown.sender.write(&payload.sender);
        shown.recipient.write(&payload.recipient);
        payload.responder_name.write(&mut shown.responder.name);
        payload.responder_avatar.write(&mut shown.responder.avatar);
        shown.is_read |= payload.is_read == Field::Set(true);
        write_flag(&payload.creates_contact, &mut shown.creates_contact);
        payload.source.write(&mut shown.source);
        payload.created_at.write(&mut shown.created_at);
        // A message always has a time, so a cleared one is ignored.
        if let Some(time) = payload.time.as_set() {
            shown.sent_at = *time;
            self.has_time = true;
        } else if let Some(created_at) = payload.created_at.as_set().filter(|_| !self.has_time) {
            shown.sent_at = *created_at;
        }
        shown.event_seq = shown.event_seq.min(seq);
        shown.read_by.extend(payload.read_by.iter().map(|staff| staff.id.clone()));
        self.version = self.version.max(Some(Self::version_of(payload, received_at)));
    }

    fn emptied(&self) -> Self {
        let identity = MessageSent {
            message_id: self.shown.source_id.clone(),
            conversation_id: self.shown.conversation_id.clone(),
            platform: (self.shown.platform != words::UNKNOWN_PLATFORM).then(|| self.shown.platform.clone()),
            ..MessageSent::default()
        };
        let mut empty = Self::new(&identity, self.shown.sent_at, self.shown.event_seq);
        empty.shown.customer_id.clone_from(&self.shown.customer_id);
        empty
    }
}
