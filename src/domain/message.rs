//! A message: what is known of one, and how its payloads fold to that. Its versions are arrivals: the CRM sends a message
//! again when something about it changed, without saying when.

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

/// Someone who takes part in a conversation, as the platform shows them.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Participant {
    /// Their id on the platform.
    pub source_id: Option<String>,
    /// Their display name.
    pub name: Option<String>,
    /// The address of their picture.
    pub avatar: Option<String>,
}

impl Participant {
    /// Writes what a payload says of them.
    pub fn write(&mut self, party: &Party) {
        party.id.write(&mut self.source_id);
        party.name.write(&mut self.name);
        party.avatar.write(&mut self.avatar);
    }

    /// Whether nothing at all is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// A message as readers get it.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Platform and message id in one (see [`id::message_key`]): unique among all messages.
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
    /// Special information.
    pub payload: Option<Value>,
    /// Who sent it.
    pub sender: Participant,
    /// Who got it.
    pub recipient: Participant,
    /// Who of the team answered; never has an id.
    pub responder: Participant,
    /// Whether it was read; never returns to unread.
    pub is_read: bool,
    /// Whether it made a new customer.
    pub creates_contact: bool,
    /// The source's number.
    pub source: Option<i32>,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// The event that brought it first.
    pub event_seq: i64,
}

impl Message {
    /// Its type: the word sent, else text where there is some.
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

/// A message as it is folded.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// What readers get, but for the customer, which is the conversation's.
    pub shown: Message,
    /// Staff ids of those who have read it: a union.
    pub read_by: BTreeSet<String>,
    /// Whether `sent_at` comes from the payload's `time`, which beats its other sources.
    pub has_time: bool,
    /// The arrival of the latest payload.
    pub version: Option<Version>,
}

impl State {
    /// A message of which nothing is known but its identity.
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
                creates_contact: false,
                source: None,
                sent_at: payload.sent_at(received_at),
                created_at: None,
                event_seq: seq,
            },
            read_by: BTreeSet::new(),
            has_time: false,
            version: None,
        }
    }

    /// Whether a reader sees no difference between the two.
    pub fn looks_like(&self, other: &Self) -> bool {
        self.shown == other.shown && self.read_by == other.read_by
    }
}

impl MessageSent {
    /// The key of the message it is about.
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

    fn apply(&mut self, says: &MessageSent, seq: i64, received_at: Timestamp) {
        let shown = &mut self.shown;
        if self.version.is_none() {
            shown.sent_at = says.sent_at(received_at);
        }
        shown.conversation_id.clone_from(&says.conversation_id);
        if let Some(platform) = &says.platform {
            shown.platform_name.clone_from(platform);
        }
        says.channel.write(&mut shown.channel);
        says.app_id.write(&mut shown.app_id);
        write_flag(&says.outbound, &mut shown.outbound);
        says.type_name.write(&mut shown.type_name);
        says.text.write(&mut shown.text);
        says.preview.write(&mut shown.preview);
        write_list(&says.attachments, &mut shown.attachments);
        says.payload.write(&mut shown.payload);
        shown.sender.write(&says.sender);
        shown.recipient.write(&says.recipient);
        says.responder_name.write(&mut shown.responder.name);
        says.responder_avatar.write(&mut shown.responder.avatar);
        shown.is_read |= says.is_read == Field::Set(true);
        write_flag(&says.creates_contact, &mut shown.creates_contact);
        says.source.write(&mut shown.source);
        says.created_at.write(&mut shown.created_at);
        // A message always has a time: clearing it says nothing.
        if let Some(time) = says.time.as_set() {
            shown.sent_at = *time;
            self.has_time = true;
        } else if let Some(created_at) = says.created_at.as_set().filter(|_| !self.has_time) {
            shown.sent_at = *created_at;
        }
        shown.event_seq = shown.event_seq.min(seq);
        self.read_by.extend(says.read_by.iter().map(|staff| staff.id.clone()));
        self.version = self.version.max(Some(Self::version_of(says, received_at)));
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
