//! `conversation.status_changed` (docs/events.md §2): both of its fields are required.

use super::{Unreadable, fields::Fields};
use crate::domain::event::StatusChanged;

/// Reads the change of a conversation's status.
pub(super) fn changed(fields: Fields<'_>) -> Result<StatusChanged, Unreadable> {
    Ok(StatusChanged {
        conversation_id: fields.required_id(&["conversation_id"])?,
        is_closed: fields.required_flag("is_closed")?,
    })
}
