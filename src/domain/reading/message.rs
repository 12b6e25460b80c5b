//! `message.sent` (docs/events.md §1): only the conversation's id is required.
//!
//! A message without an id gets one derived from its content, so that a repeated delivery is recognised: equal content yields
//! the same id, however its values were typed.

use serde_json::Value;

use super::{
    Unreadable,
    fields::Fields,
    item::{each_once, staff},
    loose::{clean, integer},
};
use crate::domain::{
    digest::{canonical, digest},
    event::{ChannelRef, Field, MessageSent, Party},
    words::ChannelKind,
    zone::Zone,
};

/// The fields that can hold the channel's id, in order of precedence.
const CHANNELS: [(&str, ChannelKind); 4] = [
    ("oa_id", ChannelKind::ZaloOa),
    ("page_id", ChannelKind::FacebookPage),
    ("website_id", ChannelKind::Website),
    ("sendgrid_id", ChannelKind::EmailSender),
];

/// Reads a message, with the values of its conversation that come with it.
pub(super) fn sent(fields: Fields<'_>, zone: &Zone) -> Result<MessageSent, Unreadable> {
    let channel = channel(fields);
    let platform = fields.id("platform").set().or_else(|| Some(channel.as_set()?.kind.platform().to_owned()));
    let mut message = MessageSent {
        message_id: String::new(),
        conversation_id: fields.required_id(&["conversation_id"])?,
        platform,
        channel,
        app_id: fields.id("app_id"),
        text: fields.encoded_text("message"),
        preview: fields.encoded_text("message_short"),
        type_name: fields.id("type"),
        attachments: fields.list("attachments", |item| Some(clean(item))),
        payload: fields.json("payload"),
        time: fields.moment("time", zone),
        created_at: fields.moment("time_create_at", zone),
        sender: party(fields, ["from_id", "from_display_name", "from_avatar"]),
        recipient: party(fields, ["to_id", "to_display_name", "to_avatar"]),
        responder_name: fields.text("name_response"),
        responder_avatar: fields.text("avatar_response"),
        outbound: fields.flag("is_platform_sender"),
        source: fields.read("src", |value| i32::try_from(integer(value)?).ok()),
        is_read: fields.flag("is_read"),
        read_by: fields.list("is_read_by_staff", staff).map(each_once).set().unwrap_or_default(),
        creates_contact: fields.flag("is_create_contact"),
        assignees: fields.list("assign_by", staff).map(each_once),
        assigned_at: fields.moment("assign_time", zone),
        started_at: fields.moment("start_time", zone).or(fields.moment("start_date", zone)).set(),
        is_closed: fields.flag("is_closed"),
        chat_mode: fields.id("chat_mode"),
    };
    message.message_id = fields.id("message_id").set().unwrap_or_else(|| made_id(&message));
    Ok(message)
}

fn channel(fields: Fields<'_>) -> Field<ChannelRef> {
    CHANNELS.into_iter().map(|(key, kind)| fields.id(key).map(|id| ChannelRef { kind, id })).fold(Field::Absent, Field::or)
}

fn party(fields: Fields<'_>, [id, name, avatar]: [&str; 3]) -> Party {
    Party { id: fields.id(id), name: fields.text(name), avatar: fields.text(avatar) }
}

/// The id of a message that came without one: a digest. A missing part counts as the empty text, since no part that is present
/// is empty.
fn made_id(message: &MessageSent) -> String {
    let time = message.time.as_set().map(|at| at.as_millis().to_string()).unwrap_or_default();
    let attachments = message.attachments.as_set().map(|items| canonical(&Value::Array(items.clone()))).unwrap_or_default();
    let or_empty = |field: &Field<String>| field.as_set().cloned().unwrap_or_default();
    let (sender, text, type_name) = (or_empty(&message.sender.id), or_empty(&message.text), or_empty(&message.type_name));
    format!("gen-{}", digest(&[&message.conversation_id, &time, &sender, &text, &attachments, &type_name]))
}
