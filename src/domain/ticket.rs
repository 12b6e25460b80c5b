//! A ticket, how its events are folded, and which of its ids is canonical.

use serde_json::Value;

use super::{
    customer::{write_list, write_staff},
    event::{Field, Reminder, StaffRef, TicketSnapshot},
    time::Timestamp,
    version::{Lifecycle, Version, Versioned},
    words::TicketStatus,
};

/// A ticket as readers see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    /// Its values.
    pub details: Details,
    /// When it was deleted; `None` if it is not.
    pub deleted_at: Option<Timestamp>,
}

impl Ticket {
    /// The time of its reminder, if it has a reminder and a due time.
    pub fn remind_at(&self) -> Option<Timestamp> {
        remind_at(self.details.reminder?, self.details.due_at?)
    }

    /// Whether it is in process and past its due time.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        is_overdue(self.details.status.as_deref(), self.details.due_at, now)
    }
}

/// The time of a reminder for a due time.
pub fn remind_at(reminder: Reminder, due_at: Timestamp) -> Option<Timestamp> {
    let before = i64::from(reminder.amount).checked_mul(reminder.unit.as_millis())?;
    Timestamp::from_millis(due_at.as_millis().checked_sub(before)?)
}

/// Whether a ticket with this status and due time is in process and past the due time.
pub fn is_overdue(status: Option<&str>, due_at: Option<Timestamp>, now: Timestamp) -> bool {
    status.map(TicketStatus::of) == Some(TicketStatus::Process) && due_at.is_some_and(|due| due < now)
}

/// The values of a ticket.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Details {
    /// Its canonical id: see [`canonical`].
    pub id: String,
    /// Title.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Id of its type.
    pub type_id: Option<String>,
    /// Level as sent.
    pub level: Option<String>,
    /// Status as sent.
    pub status: Option<String>,
    /// The CRM's id of its customer, whether the store has that customer or not.
    pub customer_id: Option<String>,
    /// Staff id of the assignee.
    pub assignee_id: Option<String>,
    /// Staff id of the creator.
    pub created_by_id: Option<String>,
    /// Store id.
    pub store_id: Option<String>,
    /// How long before the due time the reminder is sent.
    pub reminder: Option<Reminder>,
    /// Whether the reminder was sent.
    pub is_reminded: bool,
    /// Attached files, raw.
    pub attachments: Vec<Value>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it is due.
    pub due_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}

/// The folded state of a ticket.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct State {
    /// Its values.
    pub details: Details,
    /// Whether it has been seen, and whether it is deleted.
    pub lifecycle: Lifecycle,
}

impl State {
    /// A ticket about which nothing but the id is known.
    pub fn new(id: &str) -> Self {
        Self { details: Details { id: id.to_owned(), ..Details::default() }, lifecycle: Lifecycle::default() }
    }

    /// Whether readers see no difference between two states.
    pub fn looks_like(&self, other: &Self) -> bool {
        self.lifecycle.is_seen() == other.lifecycle.is_seen()
            && self.lifecycle.deleted_at() == other.lifecycle.deleted_at()
            && self.details == other.details
    }
}

/// One id of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Alias {
    /// Whether the id ever came as `ticket_id`.
    pub is_ticket_id: bool,
    /// The id.
    pub id: String,
}

/// The canonical id of a ticket: the smallest that came as `ticket_id`, else the smallest. It depends only on the set of ids,
/// not on the order of events.
pub fn canonical<'a>(aliases: impl IntoIterator<Item = &'a Alias>) -> Option<&'a str> {
    aliases.into_iter().min_by_key(|alias| (!alias.is_ticket_id, &alias.id)).map(|alias| alias.id.as_str())
}

impl TicketSnapshot {
    /// Every id in the payload, `ticket_id` first.
    pub fn aliases(&self) -> Vec<Alias> {
        let mut aliases: Vec<Alias> = self.ticket_id.iter().map(|id| Alias { is_ticket_id: true, id: id.clone() }).collect();
        for id in &self.object_ids {
            if aliases.iter().all(|known| known.id != *id) {
                aliases.push(Alias { is_ticket_id: false, id: id.clone() });
            }
        }
        aliases
    }

    /// The date given in the payload: `updatedAt`, else, in a `created` event, the creation time.
    pub fn dated(&self) -> Option<Timestamp> {
        let created_at = self.created_at.as_set().filter(|_| self.created);
        self.updated_at.as_set().or(created_at).copied()
    }

    /// Every staff member it mentions.
    pub fn staff(&self) -> impl Iterator<Item = &StaffRef> {
        [&self.assignee, &self.created_by].into_iter().filter_map(Field::as_set)
    }
}

impl Versioned for State {
    type Payload = TicketSnapshot;

    fn version_of(payload: &TicketSnapshot, received_at: Timestamp) -> Version {
        Version { at: payload.dated().unwrap_or(received_at), rank: u8::from(!payload.created), received_at }
    }

    fn version(&self) -> Option<Version> {
        self.lifecycle.version
    }

    fn apply(&mut self, payload: &TicketSnapshot, _seq: i64, received_at: Timestamp) {
        let details = &mut self.details;
        payload.name.write(&mut details.name);
        payload.description.write(&mut details.description);
        payload.type_id.write(&mut details.type_id);
        payload.level.write(&mut details.level);
        payload.status.write(&mut details.status);
        payload.customer_id.write(&mut details.customer_id);
        write_staff(&payload.assignee, &mut details.assignee_id);
        write_staff(&payload.created_by, &mut details.created_by_id);
        payload.store_id.write(&mut details.store_id);
        payload.reminder.write(&mut details.reminder);
        match payload.is_reminded {
            Field::Absent => {}
            Field::Clear => details.is_reminded = false,
            Field::Set(flag) => details.is_reminded = flag,
        }
        write_list(&payload.attachments, &mut details.attachments);
        payload.created_at.write(&mut details.created_at);
        payload.due_at.write(&mut details.due_at);
        payload.updated_at.write(&mut details.updated_at);
        self.lifecycle.record_snapshot(Self::version_of(payload, received_at), payload.dated());
    }

    fn emptied(&self) -> Self {
        Self { lifecycle: self.lifecycle.without_snapshots(), ..Self::new(&self.details.id) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Alias, canonical};

    #[test]
    fn the_canonical_id_is_the_smallest_ticket_id_in_any_order_of_arrival() {
        let alias = |is_ticket_id, id: &str| Alias { is_ticket_id, id: id.to_owned() };
        let mut ids = vec![alias(false, "64f3"), alias(true, "TK-2"), alias(true, "TK-1"), alias(false, "00")];
        assert_eq!(canonical(&ids), Some("TK-1"));
        ids.reverse();
        assert_eq!(canonical(&ids), Some("TK-1"));
        assert_eq!(canonical(&[alias(false, "b"), alias(false, "a")]), Some("a"));
    }
}
