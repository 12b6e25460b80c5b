//! The staff members that a batch mentions.

use entity::staff;

use super::{Batch, tracked::Set};
use crate::{
    domain::{
        event::{Event, StaffRef},
        staff::State,
        version::Version,
    },
    store::{Error, bulk::Rows, rows, write::Transaction},
};

pub(super) type StaffMembers = Set<State>;

pub(super) async fn load(db: &Transaction, events: &[&Event]) -> Result<StaffMembers, Error> {
    let mut ids: Vec<String> = Vec::new();
    for event in events {
        match event {
            Event::Message(message) => ids.extend(message.staff().map(|staff| staff.id.clone())),
            Event::Customer(snapshot) => ids.extend(snapshot.staff().map(|staff| staff.id.clone())),
            Event::Ticket(snapshot) => ids.extend(snapshot.staff().map(|staff| staff.id.clone())),
            Event::Status(_) | Event::CustomerDeleted(_) | Event::TicketDeleted { .. } => {}
        }
    }
    ids.sort_unstable();
    ids.dedup();
    let stored = db.rows_in::<staff::Entity>(staff::Column::Id, ids).await?;
    Ok(Set::stored(stored.into_iter().map(|row| (row.id.clone(), rows::staff_state(row)))))
}

pub(super) async fn save(db: &Transaction, staff: &StaffMembers) -> Result<(), Error> {
    db.upsert::<staff::Entity>(staff.changed().map(|tracked| rows::staff_row(&tracked.now)).collect()).await
}

impl<L: Rows> Batch<'_, L> {
    pub(super) fn mention<'s>(&mut self, mentioned: impl Iterator<Item = &'s StaffRef>, version: Version) {
        for staff in mentioned {
            let tracked = self.staff.touch(&staff.id, || State::new(&staff.id));
            tracked.now.mention(staff.name.as_deref(), version);
        }
    }
}
