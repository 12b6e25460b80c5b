//! Items of lists whose shape the CRM does not document, and the people they stand for: strings, numbers or objects.
//!
//! The names under which an object's id and name are looked for stand here once.

use serde_json::Value;

use super::{fields::Fields, loose::id};
use crate::domain::event::{Field, StaffRef};

/// Where an object can have its id, the first choice first.
pub(super) const IDS: &[&str] = &["id", "_id", "uid", "user_id", "social_id"];

/// The same for a staff member.
const STAFF_IDS: &[&str] = &["id", "_id", "uid", "user_id", "social_id", "staff_id"];

/// Where an object can have its name, the first choice first.
pub(super) const NAMES: &[&str] = &["name", "fileName", "file_name", "full_name"];

/// The same for a staff member, whose documented name is `full_name`.
const STAFF_NAMES: &[&str] = &["full_name", "name", "fileName", "file_name"];

/// Where an object can have its address, the first choice first.
pub(super) const URLS: &[&str] = &["url", "link", "href"];

/// The id that an item is, or has.
pub(super) fn id_of(item: &Value) -> Option<String> {
    match Fields::of(item) {
        Some(fields) => fields.first_id(IDS),
        None => id(item),
    }
}

/// The staff member that an item stands for.
pub(super) fn staff(item: &Value) -> Option<StaffRef> {
    match Fields::of(item) {
        Some(fields) => Some(StaffRef { id: fields.first_id(STAFF_IDS)?, name: fields.first_text(STAFF_NAMES) }),
        None => Some(StaffRef { id: id(item)?, name: None }),
    }
}

/// A staff member in a field of its own, whose name is in a field beside it. A name alone tells nothing.
pub(super) fn staff_field(fields: Fields<'_>, id_key: &str, name_key: &str) -> Field<StaffRef> {
    fields.read(id_key, staff).map(|staff| StaffRef { name: fields.first_text(&[name_key]).or(staff.name), ..staff })
}

/// Each staff member once, in the order they come; a name that the first mention lacks is taken from a later one.
pub(super) fn each_once(mentions: Vec<StaffRef>) -> Vec<StaffRef> {
    let mut place_of = std::collections::HashMap::new();
    let mut once: Vec<StaffRef> = Vec::with_capacity(mentions.len());
    for mention in mentions {
        let place = *place_of.entry(mention.id.clone()).or_insert(once.len());
        match once.get_mut(place) {
            None => once.push(mention),
            Some(first) if first.name.is_none() => first.name = mention.name,
            Some(_) => {}
        }
    }
    once
}
