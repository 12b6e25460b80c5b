//! The fields of staff members.

use super::{Field, Listed, leaf, list, optional_text, text};
use crate::store::Parent;

pub(super) fn field(name: &str) -> Option<Field> {
    Some(match name {
        "id" => leaf(false, &["id"], |cells, json| Ok(json.id("stf_", cells.text(0).unwrap_or_default()))),
        "sourceId" => text(&["id"]),
        "name" => optional_text(&["name"]),
        "assignedConversations" => list("id", Parent::Staff, Listed::Conversations),
        "assignedTickets" => list("id", Parent::Staff, Listed::Tickets),
        "managedCustomers" => list("id", Parent::Staff, Listed::Customers),
        _ => return None,
    })
}
