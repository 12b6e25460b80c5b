//! Restoring a log: deliveries from an export, which come with sequence numbers.
//!
//! Such a delivery is stored under its own number, is already stored under it, or does not fit into this log. It never gets
//! another number and never replaces another event, so ids and order are those of the exported log.

use std::collections::HashMap;

use entity::event;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    Delivery, Entry, Error,
    bulk::{IN_LIST, Rows},
    projection,
    write::Transaction,
};

/// The stored events with the sequence numbers of a batch.
pub(super) struct Restored {
    stored: HashMap<i64, event::Model>,
}

impl Restored {
    pub(super) async fn load(db: &Transaction, entries: &[Entry]) -> Result<Self, Error> {
        let numbers: Vec<i64> = entries.iter().filter_map(Entry::seq).collect();
        let mut stored = HashMap::new();
        for chunk in numbers.chunks(IN_LIST) {
            let rows = db.all(event::Entity::find().filter(event::Column::Seq.is_in(chunk.iter().copied()))).await?;
            stored.extend(rows.into_iter().map(|row| (row.seq, row)));
        }
        Ok(Self { stored })
    }

    /// Returns the sequence number of a numbered delivery if it is already stored under it; `None` if the number is free, that is,
    /// greater than `end`. `elsewhere` is the stored event with the same delivery id or content, if any. Fails if the delivery does
    /// not fit into this log.
    pub(super) fn find(&self, seq: i64, delivery: &Delivery, end: i64, elsewhere: Option<i64>) -> Result<Option<i64>, Error> {
        let misplaced = |reason: String| Err(Error::Misplaced { seq, reason });
        match (self.stored.get(&seq), elsewhere) {
            (Some(row), _) if is(row, delivery) => Ok(Some(seq)),
            (Some(_), _) => misplaced("another event has that number".into()),
            (None, Some(other)) => misplaced(format!("it is event {other} here")),
            (None, None) if seq <= end => misplaced(format!("the log here goes on to {end} without that number")),
            (None, None) => Ok(None),
        }
    }
}

/// Whether a stored event equals this delivery.
fn is(row: &event::Model, delivery: &Delivery) -> bool {
    row.kind == projection::kind_word(&delivery.event)
        && row.delivery_id == delivery.delivery_id
        && row.payload == *delivery.payload
        && delivery.received_at.is_none_or(|at| at.as_millis() == row.received_at)
}
