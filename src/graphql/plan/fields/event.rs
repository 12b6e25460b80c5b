//! The fields of stored events. Their cursors and subjects are left to async-graphql.

use super::{Field, leaf, optional_text, parsed};
use crate::{domain::kind, graphql::types::EventKind, store};

pub(super) fn field(name: &str) -> Option<Field> {
    Some(match name {
        "id" => leaf(false, &["seq"], |cells, json| Ok(json.id("evt_", &cells.int(0).unwrap_or_default().to_string()))),
        "kind" => leaf(false, &["kind", "seq"], |cells, json| {
            let word = cells.text(0).unwrap_or_default();
            let Some(kind) = kind::EventKind::parse(word) else {
                let (id, reason) = (cells.int(1).unwrap_or_default().to_string(), format!("unknown kind `{word}`"));
                return Err(store::Error::Damaged { table: "event", id, reason }.into());
            };
            Ok(json.word(EventKind::from(kind)))
        }),
        "receivedAt" => leaf(false, &["received_at"], |cells, json| Ok(json.time(cells.int(0)))),
        "deliveryId" => optional_text(&["delivery_id"]),
        "payload" => leaf(false, &["payload"], |cells, json| Ok(json.value(&parsed(cells.text(0).unwrap_or("null"))?))),
        _ => return None,
    })
}
