//! The fields of messages.

use super::{
    CONVERSATION, CUSTOMER, EVENT, Field, STAFF, Target, flag, known_link, leaf, optional_text, optional_time, parsed, parts,
    text,
};
use crate::{
    domain::words,
    graphql::types::{Direction, MessageType, Platform},
    store::Table,
};

pub(super) fn field(name: &str) -> Option<Field> {
    Some(match name {
        "id" => leaf(false, &["key"], |cells, json| Ok(json.id("msg_", cells.text(0).unwrap_or_default()))),
        "sourceId" => text(&["source_id"]),
        // A message's conversation is written in the same transaction.
        "conversation" => Field::One {
            key: "conversation_id",
            target: CONVERSATION,
            is_surely_there: true,
            required: Some("Message.conversation"),
        },
        "customer" => known_link("customer_id", CUSTOMER),
        "platform" => leaf(false, &["platform"], |cells, json| {
            Ok(json.word(Platform::from(words::Platform::of(cells.text(0).unwrap_or_default()))))
        }),
        "platformName" => text(&["platform_name"]),
        "channel" => parts::CHANNEL,
        "direction" => leaf(false, &["outbound"], |cells, json| {
            Ok(json.word(if cells.flag(0) { Direction::Outbound } else { Direction::Inbound }))
        }),
        "type" => leaf(false, &["type_key"], |cells, json| {
            Ok(json.word(MessageType::from(words::MessageType::of(cells.text(0).unwrap_or_default()))))
        }),
        "typeName" => optional_text(&["type_name"]),
        "text" => optional_text(&["text"]),
        "preview" => optional_text(&["preview"]),
        "attachments" => Field::Attachments { column: "attachments" },
        "payload" => leaf(true, &["payload"], |cells, json| match cells.text(0) {
            Some(text) => Ok(json.value(&parsed(text)?)),
            None => Ok(json.null()),
        }),
        "sender" => parts::SENDER,
        "recipient" => parts::RECIPIENT,
        "responder" => parts::RESPONDER,
        "isRead" => flag(&["is_read"]),
        "readBy" => Field::Many { key: "read_by", target: Target { table: Table::ReadBy, ..STAFF } },
        "createsContact" => flag(&["creates_contact"]),
        "source" => leaf(true, &["source"], |cells, json| match cells.int(0) {
            Some(source) => Ok(json.int(source)),
            None => Ok(json.null()),
        }),
        "sentAt" => leaf(false, &["sent_at"], |cells, json| Ok(json.time(cells.int(0)))),
        "createdAt" => optional_time(&["created_at"]),
        // A message's event is written in the same transaction.
        "event" => Field::One { key: "event_seq", target: EVENT, is_surely_there: true, required: Some("Message.event") },
        _ => return None,
    })
}
