//! The fields of customers and their parts.

use super::{
    Cells, Field, Leaf, Listed, STAFF, Target, Type, known_link, leaf, list, optional_text, optional_time, parsed, text,
};
use crate::{
    domain::words,
    graphql::types::Platform,
    store::{Parent, Table},
};

const SOCIAL_ACCOUNTS: Target = Target { table: Table::SocialAccount, of: Type::SocialAccount, key: "customer_id" };
const STATUSES: Target = Target { table: Table::CustomerStatus, of: Type::CustomerStatus, key: "customer_id" };
const CUSTOM_FIELDS: Target = Target { table: Table::CustomField, of: Type::CustomField, key: "customer_id" };

pub(super) fn field(name: &str) -> Option<Field> {
    Some(match name {
        "id" => leaf(false, &["id"], |cells, json| Ok(json.id("cus_", cells.text(0).unwrap_or_default()))),
        "sourceId" => text(&["id"]),
        "name" => optional_text(&["name"]),
        "phone" => optional_text(&["phone"]),
        "email" => optional_text(&["email"]),
        "note" => optional_text(&["note"]),
        "telco" => optional_text(&["telco"]),
        "socialAccounts" => Field::Many { key: "id", target: SOCIAL_ACCOUNTS },
        "statuses" => Field::Many { key: "id", target: STATUSES },
        "customFields" => Field::Many { key: "id", target: CUSTOM_FIELDS },
        "manager" => known_link("manager_id", STAFF),
        "createdBy" => known_link("created_by_id", STAFF),
        "updatedBy" => known_link("updated_by_id", STAFF),
        "createdAt" => optional_time(&["created_at"]),
        "updatedAt" => optional_time(&["updated_at"]),
        "deletedAt" => optional_time(&["deleted_at"]),
        "conversations" => list("id", Parent::Customer, Listed::Conversations),
        "messages" => list("id", Parent::Customer, Listed::Messages),
        "tickets" => list("id", Parent::Customer, Listed::Tickets),
        "events" => list("id", Parent::Customer, Listed::Events),
        _ => return None,
    })
}

pub(super) fn social_account(name: &str) -> Option<Field> {
    Some(match name {
        "platform" => leaf(false, &["platform"], |cells, json| {
            let known = cells.text(0).map_or(words::Platform::Other, words::Platform::of);
            Ok(json.word(Platform::from(known)))
        }),
        "platformName" => optional_text(&["platform"]),
        "sourceId" => optional_text(&["source_id"]),
        "name" => optional_text(&["name"]),
        "url" => optional_text(&["url"]),
        "raw" => leaf(false, &["raw"], |cells, json| Ok(json.value(&parsed(cells.text(0).unwrap_or_default())?))),
        _ => return None,
    })
}

pub(super) fn status(name: &str) -> Option<Field> {
    Some(match name {
        "sourceId" => optional_text(&["source_id"]),
        "name" => optional_text(&["name"]),
        "color" => Field::Part {
            name: "Color",
            nullable: true,
            columns: COLOR,
            is_known: |cells| color(cells).is_some(),
            field: color_field,
        },
        _ => return None,
    })
}

const COLOR: &[&str] = &["color_r", "color_g", "color_b", "color_a"];

/// The colour in the first four cells.
fn color(cells: Cells<'_>) -> Option<([u8; 3], f64)> {
    let part = |column| cells.int(column).and_then(|value| u8::try_from(value).ok());
    // SQLite returns an integer for a real number without a fraction.
    let opacity = cells.real(3);
    Some(([part(0)?, part(1)?, part(2)?], opacity?))
}

fn color_field(name: &str) -> Option<Leaf> {
    macro_rules! part {
        ($of:expr) => {
            Leaf {
                nullable: false,
                columns: COLOR,
                write: |cells, json| {
                    let of: fn([u8; 3], f64) -> serde_json::Value = $of;
                    let (rgb, a) = color(cells).unwrap_or_default();
                    Ok(json.value(&of(rgb, a)))
                },
            }
        };
    }
    Some(match name {
        "r" => part!(|[r, _, _], _| r.into()),
        "g" => part!(|[_, g, _], _| g.into()),
        "b" => part!(|[_, _, b], _| b.into()),
        "a" => part!(|_, a| a.into()),
        "hex" => part!(|[r, g, b], _| format!("#{r:02x}{g:02x}{b:02x}").into()),
        _ => return None,
    })
}

pub(super) fn custom_field(name: &str) -> Option<Field> {
    Some(match name {
        "key" => text(&["key"]),
        "value" => leaf(true, &["value"], |cells, json| Ok(json.value(&parsed(cells.text(0).unwrap_or_default())?))),
        _ => return None,
    })
}
