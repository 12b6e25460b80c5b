//! The fields of conversations.

use super::{CUSTOMER, Field, Listed, MESSAGE, STAFF, Target, count, flag, known_link, leaf, list, optional_time, parts, text};
use crate::{
    domain::words,
    graphql::types::{ChatMode, Platform},
    store::{Parent, Table},
};

pub(super) fn field(name: &str) -> Option<Field> {
    Some(match name {
        "id" => leaf(false, &["id"], |cells, json| Ok(json.id("con_", cells.text(0).unwrap_or_default()))),
        "sourceId" => text(&["id"]),
        "platform" => leaf(false, &["platform"], |cells, json| {
            Ok(json.word(Platform::from(words::Platform::of(cells.text(0).unwrap_or_default()))))
        }),
        "platformName" => {
            leaf(false, &["platform_name"], |cells, json| Ok(json.text(cells.text(0).unwrap_or(words::UNKNOWN_PLATFORM))))
        }
        "channel" => parts::CHANNEL,
        "contact" => parts::CONTACT,
        "customer" => known_link("customer_id", CUSTOMER),
        "isClosed" => flag(&["is_closed"]),
        "chatMode" => leaf(true, &["chat_mode"], |cells, json| match cells.text(0) {
            Some(word) => Ok(json.word(ChatMode::from(words::ChatMode::of(word)))),
            None => Ok(json.null()),
        }),
        "assignees" => Field::Many { key: "id", target: Target { table: Table::Assignee, ..STAFF } },
        "assignedAt" => optional_time(&["assigned_at"]),
        "startedAt" => optional_time(&["started_at"]),
        "lastMessageAt" => optional_time(&["last_message_at"]),
        "lastMessage" => known_link("last_message_key", MESSAGE),
        "messageCount" => count(&["message_count"]),
        "unreadCount" => count(&["unread_count"]),
        "messages" => list("id", Parent::Conversation, Listed::Messages),
        "events" => list("id", Parent::Conversation, Listed::Events),
        _ => return None,
    })
}
