//! Rows of messages.

use entity::message as table;

use super::{Error, folded, ids, ids_text, json, json_list, list_text, millis, time, version};
use crate::domain::{
    event::ChannelRef,
    message::{Message, Participant, State},
    time::Timestamp,
    words::ChannelKind,
};

pub(super) fn channel(kind: Option<&str>, id: Option<String>) -> Option<ChannelRef> {
    Some(ChannelRef { kind: ChannelKind::of(kind?), id: id? })
}

/// Converts to the value that readers get.
pub(in crate::store) fn message(row: table::Model) -> Result<Message, Error> {
    Ok(Message {
        channel: channel(row.channel_kind.as_deref(), row.channel_id),
        attachments: json_list("message", &row.key, row.attachments.as_deref())?,
        payload: row.payload.as_deref().map(|text| json("message", &row.key, text)).transpose()?,
        read_by: ids("message", &row.key, row.read_by.as_deref())?,
        key: row.key,
        source_id: row.source_id,
        conversation_id: row.conversation_id,
        customer_id: row.customer_id,
        platform: row.platform,
        platform_name: row.platform_name,
        app_id: row.app_id,
        outbound: row.outbound,
        type_name: row.type_name,
        text: row.text,
        preview: row.preview,
        sender: Participant { source_id: row.sender_id, name: row.sender_name, avatar: row.sender_avatar },
        recipient: Participant { source_id: row.recipient_id, name: row.recipient_name, avatar: row.recipient_avatar },
        responder: Participant { source_id: None, name: row.responder_name, avatar: row.responder_avatar },
        is_read: row.is_read,
        creates_contact: row.creates_contact,
        source: row.source,
        sent_at: Timestamp::clamped(row.sent_at),
        created_at: time(row.created_at),
        event_seq: row.event_seq,
    })
}

/// Converts to the folding state.
pub(in crate::store) fn message_state(row: table::Model) -> Result<State, Error> {
    let received_at = Some(row.version_received_at);
    let (version, has_time) = (version(received_at, Some(0), received_at), row.has_time);
    Ok(State { shown: message(row)?, has_time, version })
}

pub(in crate::store) fn message_row(state: &State) -> table::Model {
    let shown = state.shown.clone();
    table::Model {
        type_key: shown.kind().word().to_owned(),
        text_folded: folded(shown.text.as_ref()),
        platform_name_folded: folded(Some(&shown.platform_name)),
        type_name_folded: folded(shown.type_name.as_ref()),
        sender_id_folded: folded(shown.sender.source_id.as_ref()),
        sender_name_folded: folded(shown.sender.name.as_ref()),
        channel_id_folded: folded(shown.channel.as_ref().map(|channel| &channel.id)),
        attachments: list_text(&shown.attachments),
        payload: shown.payload.as_ref().map(ToString::to_string),
        read_by: ids_text(&shown.read_by),
        channel_kind: shown.channel.as_ref().map(|channel| channel.kind.word().to_owned()),
        channel_id: shown.channel.map(|channel| channel.id),
        key: shown.key,
        source_id: shown.source_id,
        conversation_id: shown.conversation_id,
        customer_id: shown.customer_id,
        platform: shown.platform,
        platform_name: shown.platform_name,
        app_id: shown.app_id,
        outbound: shown.outbound,
        type_name: shown.type_name,
        text: shown.text,
        preview: shown.preview,
        sender_id: shown.sender.source_id,
        sender_name: shown.sender.name,
        sender_avatar: shown.sender.avatar,
        recipient_id: shown.recipient.source_id,
        recipient_name: shown.recipient.name,
        recipient_avatar: shown.recipient.avatar,
        responder_name: shown.responder.name,
        responder_avatar: shown.responder.avatar,
        is_read: shown.is_read,
        creates_contact: shown.creates_contact,
        source: shown.source,
        sent_at: shown.sent_at.as_millis(),
        has_time: state.has_time,
        created_at: millis(shown.created_at),
        event_seq: shown.event_seq,
        version_received_at: state.version.map_or(0, |version| version.received_at.as_millis()),
    }
}
