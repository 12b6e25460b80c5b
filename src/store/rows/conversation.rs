//! Rows of conversations.

use entity::conversation as table;

use super::{Error, folded, message::channel, millis, time};
use crate::domain::{
    conversation::{Conversation, Stamps, State},
    message::Participant,
};

/// Converts to the value that readers get.
pub(in crate::store) fn conversation(row: table::Model) -> Conversation {
    Conversation {
        id: row.id,
        platform_name: row.platform_name,
        channel: channel(row.channel_kind.as_deref(), row.channel_id),
        app_id: row.app_id,
        contact: Participant { source_id: row.contact_id, name: row.contact_name, avatar: row.contact_avatar },
        customer_id: row.customer_id,
        is_closed: row.is_closed,
        chat_mode: row.chat_mode,
        assigned_at: time(row.assigned_at),
        started_at: time(row.started_at),
        last_message_at: time(row.last_message_at),
        last_message_key: row.last_message_key,
        message_count: row.message_count,
        unread_count: row.unread_count,
    }
}

/// Converts to the folding state, without assignees, which have their own rows.
pub(in crate::store) fn conversation_state(row: table::Model) -> Result<State, Error> {
    let stamps = Stamps::from_text(&row.stamps).map_err(|error| Error::damaged("conversation", &row.id, error))?;
    Ok(State { shown: conversation(row), assignees: Vec::new(), stamps })
}

pub(in crate::store) fn conversation_row(state: &State) -> table::Model {
    let shown = state.shown.clone();
    table::Model {
        platform: shown.platform_key(),
        contact_key: shown.contact_key(),
        platform_name_folded: folded(shown.platform_name.as_ref()),
        channel_id_folded: folded(shown.channel.as_ref().map(|channel| &channel.id)),
        contact_id_folded: folded(shown.contact.source_id.as_ref()),
        contact_name_folded: folded(shown.contact.name.as_ref()),
        channel_kind: shown.channel.as_ref().map(|channel| channel.kind.word().to_owned()),
        channel_id: shown.channel.map(|channel| channel.id),
        id: shown.id,
        platform_name: shown.platform_name,
        app_id: shown.app_id,
        contact_id: shown.contact.source_id,
        contact_name: shown.contact.name,
        contact_avatar: shown.contact.avatar,
        customer_id: shown.customer_id,
        is_closed: shown.is_closed,
        chat_mode: shown.chat_mode,
        assigned_at: millis(shown.assigned_at),
        started_at: millis(shown.started_at),
        last_message_at: millis(shown.last_message_at),
        last_message_key: shown.last_message_key,
        message_count: shown.message_count,
        unread_count: shown.unread_count,
        stamps: state.stamps.to_text(),
    }
}
