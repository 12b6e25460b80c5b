//! Determines the kind of a bare payload from its fields, if nothing else names the kind.

use serde_json::Value;

use super::fields::Fields;
use crate::domain::kind::EventKind;

/// The only kind that a payload's field names allow, by the rules of docs/events.md in their order; values are not looked at. A
/// customer or ticket counts as updated, since its shape doesn't tell whether it is new.
pub fn kind_of_shape(payload: &Value) -> Option<EventKind> {
    let fields = Fields::of(payload)?;
    let in_conversation = fields.has("conversation_id");
    if fields.has("deletedContactIds") || fields.has("deletedPotentialIds") {
        Some(EventKind::CustomerDeleted)
    } else if in_conversation && (fields.has("message_id") || fields.has("message")) {
        Some(EventKind::MessageSent)
    } else if in_conversation && fields.has("is_closed") {
        Some(EventKind::ConversationStatusChanged)
    } else if fields.iter().any(|(key, _)| key.starts_with("system_")) {
        Some(EventKind::CustomerUpdated)
    } else if fields.has("ticket_id") {
        Some(EventKind::TicketUpdated)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_fields_decide_in_the_order_of_the_rules() {
        use EventKind::*;
        for (payload, kind) in [
            (json!({"deletedContactIds": []}), Some(CustomerDeleted)),
            (json!({"deletedPotentialIds": ["a"]}), Some(CustomerDeleted)),
            (json!({"deletedContactIds": [], "ticket_id": "t", "system_name": "n"}), Some(CustomerDeleted)),
            (json!({"conversation_id": "c", "message_id": "m"}), Some(MessageSent)),
            (json!({"conversation_id": "c", "message": "", "is_closed": 0}), Some(MessageSent)),
            (json!({"conversation_id": "c", "is_closed": true}), Some(ConversationStatusChanged)),
            (json!({"conversation_id": {}, "is_closed": null}), Some(ConversationStatusChanged)),
            (json!({"id": "x", "system_anything": null}), Some(CustomerUpdated)),
            (json!({"ticket_id": "t", "system_name": "n"}), Some(CustomerUpdated)),
            (json!({"id": "x", "ticket_id": "t"}), Some(TicketUpdated)),
        ] {
            assert_eq!(kind_of_shape(&payload), kind, "{payload}");
        }
    }

    #[test]
    fn a_shape_that_could_be_several_kinds_or_none_has_no_kind() {
        for payload in [
            json!({"id": "x"}),
            json!({"_id": "x", "name": "n"}),
            json!({"conversation_id": "c"}),
            json!({"message_id": "m", "message": "hi"}),
            json!({"is_closed": true}),
            json!({"System_name": "n"}),
            json!({}),
            json!([{"ticket_id": "t"}]),
            json!("ticket_id"),
            json!(null),
        ] {
            assert_eq!(kind_of_shape(&payload), None, "{payload}");
        }
    }
}
