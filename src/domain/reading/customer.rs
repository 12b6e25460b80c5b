//! `customer.created`, `customer.updated` and `customer.deleted` (docs/events.md §3 to §5).
//!
//! A snapshot requires the customer's id. A delete requires one of its two lists, and every id in them must be readable: a
//! customer left out of a delete would never be deleted.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::{
    Unreadable,
    fields::Fields,
    item::{IDS, NAMES, URLS, id_of, staff, staff_field},
    loose::{ID_MAX_BYTES, clean, id, integer, real, rounded, text},
};
use crate::domain::{
    event::{Color, CustomerSnapshot, CustomerStatus, CustomersDeleted, Field, SocialAccount, StaffRef},
    text::without_nul,
    zone::Zone,
};

/// Reads a customer snapshot.
pub(super) fn snapshot(fields: Fields<'_>, created: bool, zone: &Zone) -> Result<CustomerSnapshot, Unreadable> {
    Ok(CustomerSnapshot {
        created,
        id: fields.required_id(&["id", "_id"])?,
        name: fields.text("system_name"),
        phone: fields.text("system_phone"),
        email: fields.text("system_email"),
        note: fields.text("note"),
        telco: fields.text("system_telco"),
        social: fields.list("social", |item| Some(social_account(item))),
        statuses: fields.list("status", status),
        manager: manager(fields),
        created_by: staff_field(fields, "system_create_by", "system_create_by_name"),
        updated_by: staff_field(fields, "system_update_by", "system_update_by_name"),
        created_at: fields.moment("createdAt", zone).or(fields.moment("system_date_create", zone)),
        updated_at: fields.moment("updatedAt", zone).or(fields.moment("system_date_update", zone)),
        custom_fields: custom_fields(fields),
    })
}

/// Reads the ids of both lists, each once.
pub(super) fn deleted(fields: Fields<'_>) -> Result<CustomersDeleted, Unreadable> {
    let customers = fields.required_ids("deletedContactIds", id_of)?;
    let potential = fields.required_ids("deletedPotentialIds", id_of)?;
    if customers.is_none() && potential.is_none() {
        return Err(Unreadable::at("$.deletedContactIds", "an array of ids here or in deletedPotentialIds", None));
    }
    let mut seen = HashSet::new();
    let ids = customers.into_iter().chain(potential).flatten().filter(|id| seen.insert(id.clone())).collect();
    Ok(CustomersDeleted { ids, count: fields.read("deletedCount", integer).set() })
}

/// The manager, as an object or an id; if that is unreadable, the flat form.
fn manager(fields: Fields<'_>) -> Field<StaffRef> {
    let flat = staff_field(fields, "system_manager", "system_manager_name");
    match fields.read("manager", staff) {
        Field::Absent => flat,
        Field::Clear => Field::Clear,
        Field::Set(manager) => {
            let same_in_flat = flat.set().filter(|flat| flat.id == manager.id);
            Field::Set(StaffRef { name: manager.name.or(same_in_flat.and_then(|flat| flat.name)), ..manager })
        }
    }
}

fn social_account(item: &Value) -> SocialAccount {
    let raw = clean(item);
    match Fields::of(item) {
        Some(fields) => SocialAccount {
            platform: fields.first_id(&["platform", "type"]),
            source_id: fields.first_id(IDS),
            name: fields.first_text(NAMES),
            url: fields.first_text(URLS),
            raw,
        },
        None => SocialAccount { platform: None, source_id: id(item), name: None, url: None, raw },
    }
}

/// A status with at least one readable value; a plain text is its name.
fn status(item: &Value) -> Option<CustomerStatus> {
    let status = match Fields::of(item) {
        Some(fields) => CustomerStatus {
            source_id: fields.first_id(IDS),
            name: fields.first_text(&["value"]).or_else(|| fields.first_text(NAMES)),
            color: fields.read("color", color).set(),
        },
        None => CustomerStatus { source_id: None, name: text(item).filter(|name| !name.trim().is_empty()), color: None },
    };
    (status.source_id.is_some() || status.name.is_some() || status.color.is_some()).then_some(status)
}

fn color(value: &Value) -> Option<Color> {
    let fields = Fields::of(value)?;
    let component = |key| fields.read(key, real).set().and_then(rounded).and_then(|component| u8::try_from(component).ok());
    let opacity = fields.read("a", real).set().map_or(1.0, |a| a.clamp(0.0, 1.0));
    Some(Color { r: component("r")?, g: component("g")?, b: component("b")?, a: opacity })
}

/// Each `cf_*` with its key, U+0000 replaced. Keys longer than [`ID_MAX_BYTES`] are skipped; the stored payload still has them.
fn custom_fields(fields: Fields<'_>) -> Vec<(String, Field<Value>)> {
    let custom = fields.iter().filter(|(key, _)| key.starts_with("cf_") && key.len() <= ID_MAX_BYTES);
    let by_key: BTreeMap<_, _> = custom.map(|(key, _)| (without_nul(key), fields.json(key))).collect();
    by_key.into_iter().collect()
}
