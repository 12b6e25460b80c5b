//! Reads list items and staff mentions whose shape the CRM does not document: strings, numbers or objects.
//!
//! Defines, in one place, the names under which an object's id, name and URL are looked up.

use serde_json::Value;

use super::{fields::Fields, loose::id};
use crate::domain::event::{Field, StaffRef};

/// Names under which an object can have its id, in order of preference.
pub(super) const IDS: &[&str] = &["id", "_id", "uid", "user_id", "social_id"];

/// The same for a staff member.
const STAFF_IDS: &[&str] = &["id", "_id", "uid", "user_id", "social_id", "staff_id"];

/// Names under which an object can have its name, in order of preference.
pub(super) const NAMES: &[&str] = &["name", "fileName", "file_name", "full_name"];

/// The same for a staff member, whose documented name is `full_name`.
const STAFF_NAMES: &[&str] = &["full_name", "name", "fileName", "file_name"];

/// Names under which an object can have its URL, in order of preference.
pub(super) const URLS: &[&str] = &["url", "link", "href"];

/// The id of an item: the item itself, or a field of it.
pub(super) fn id_of(item: &Value) -> Option<String> {
    match Fields::of(item) {
        Some(fields) => fields.first_id(IDS),
        None => id(item),
    }
}

/// The staff member that an item describes.
pub(super) fn staff(item: &Value) -> Option<StaffRef> {
    match Fields::of(item) {
        Some(fields) => Some(StaffRef { id: fields.first_id(STAFF_IDS)?, name: fields.first_text(STAFF_NAMES) }),
        None => Some(StaffRef { id: id(item)?, name: None }),
    }
}

/// A staff member whose id and name are in separate fields. A name without an id is ignored.
pub(super) fn staff_field(fields: Fields<'_>, id_key: &str, name_key: &str) -> Field<StaffRef> {
    fields.read(id_key, staff).map(|staff| StaffRef { name: fields.first_text(&[name_key]).or(staff.name), ..staff })
}

/// Removes repeated staff members, keeping the order. A name missing in the first mention is taken from a later one.
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
