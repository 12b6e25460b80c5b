//! A customer, and how its events are folded.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    event::{CustomerSnapshot, CustomerStatus, Field, SocialAccount, StaffRef},
    time::Timestamp,
    version::{Lifecycle, Version, Versioned},
};

/// A customer as readers see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Customer {
    /// Its single-valued fields.
    pub profile: Profile,
    /// When it was deleted; `None` if it is not.
    pub deleted_at: Option<Timestamp>,
}

/// The single-valued fields of a customer.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Profile {
    /// The CRM's id.
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// Phone number as the CRM keeps it.
    pub phone: Option<String>,
    /// E-mail address as the CRM keeps it.
    pub email: Option<String>,
    /// Note.
    pub note: Option<String>,
    /// Phone carrier.
    pub telco: Option<String>,
    /// Staff id of the manager.
    pub manager_id: Option<String>,
    /// Staff id of the creator.
    pub created_by_id: Option<String>,
    /// Id of the staff member who last changed it.
    pub updated_by_id: Option<String>,
    /// When it was created in the CRM.
    pub created_at: Option<Timestamp>,
    /// When it was last changed in the CRM.
    pub updated_at: Option<Timestamp>,
}

/// The folded state of a customer.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct State {
    /// Single-valued fields.
    pub profile: Profile,
    /// Social accounts in the order the CRM sent them.
    pub social: Vec<SocialAccount>,
    /// Statuses in the order the CRM sent them.
    pub statuses: Vec<CustomerStatus>,
    /// Custom fields by key.
    pub custom_fields: BTreeMap<String, Value>,
    /// Whether it has been seen, and whether it is deleted.
    pub lifecycle: Lifecycle,
}

impl State {
    /// A customer about which nothing but the id is known.
    pub fn new(id: &str) -> Self {
        Self { profile: Profile { id: id.to_owned(), ..Profile::default() }, ..Self::default() }
    }

    /// Whether readers see no difference between two states.
    pub fn looks_like(&self, other: &Self) -> bool {
        self.lifecycle.is_seen() == other.lifecycle.is_seen()
            && self.lifecycle.deleted_at() == other.lifecycle.deleted_at()
            && self.profile == other.profile
            && self.social == other.social
            && self.statuses == other.statuses
            && self.custom_fields == other.custom_fields
    }
}

impl CustomerSnapshot {
    /// The date given in the payload: `updatedAt`, else `system_date_update`, else, in a `created` event, the creation time.
    pub fn dated(&self) -> Option<Timestamp> {
        let created_at = self.created_at.as_set().filter(|_| self.created);
        self.updated_at.as_set().or(created_at).copied()
    }

    /// Every staff member it mentions.
    pub fn staff(&self) -> impl Iterator<Item = &StaffRef> {
        [&self.manager, &self.created_by, &self.updated_by].into_iter().filter_map(Field::as_set)
    }
}

impl Versioned for State {
    type Payload = CustomerSnapshot;

    fn version_of(payload: &CustomerSnapshot, received_at: Timestamp) -> Version {
        Version { at: payload.dated().unwrap_or(received_at), rank: u8::from(!payload.created), received_at }
    }

    fn version(&self) -> Option<Version> {
        self.lifecycle.version
    }

    fn apply(&mut self, payload: &CustomerSnapshot, _seq: i64, received_at: Timestamp) {
        let profile = &mut self.profile;
        payload.name.write(&mut profile.name);
        payload.phone.write(&mut profile.phone);
        payload.email.write(&mut profile.email);
        payload.note.write(&mut profile.note);
        payload.telco.write(&mut profile.telco);
        write_staff(&payload.manager, &mut profile.manager_id);
        write_staff(&payload.created_by, &mut profile.created_by_id);
        write_staff(&payload.updated_by, &mut profile.updated_by_id);
        payload.created_at.write(&mut profile.created_at);
        payload.updated_at.write(&mut profile.updated_at);
        write_list(&payload.social, &mut self.social);
        write_list(&payload.statuses, &mut self.statuses);
        for (key, field) in &payload.custom_fields {
            match field {
                Field::Absent => {}
                Field::Clear => {
                    self.custom_fields.remove(key);
                }
                Field::Set(value) => {
                    self.custom_fields.insert(key.clone(), value.clone());
                }
            }
        }
        self.lifecycle.record_snapshot(Self::version_of(payload, received_at), payload.dated());
    }

    fn emptied(&self) -> Self {
        Self { lifecycle: self.lifecycle.without_snapshots(), ..Self::new(&self.profile.id) }
    }
}

/// Stores the id of a staff member if the payload carries one.
pub(super) fn write_staff(field: &Field<StaffRef>, stored: &mut Option<String>) {
    match field {
        Field::Absent => {}
        Field::Clear => *stored = None,
        Field::Set(staff) => *stored = Some(staff.id.clone()),
    }
}

/// Replaces a stored list if the payload carries one.
pub(super) fn write_list<T: Clone>(field: &Field<Vec<T>>, stored: &mut Vec<T>) {
    match field {
        Field::Absent => {}
        Field::Clear => stored.clear(),
        Field::Set(items) => stored.clone_from(items),
    }
}
