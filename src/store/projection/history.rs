//! The history of one subject, read again from the log when one of its events arrives out of order.

use std::{collections::BTreeSet, sync::Arc};

use entity::{event, event_subject};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;

use super::Logged;
use crate::{
    domain::{
        change::SubjectType, digest::message_digest, event::Event, kind::EventKind, reading, time::Timestamp, version::Arrival,
        zone::Zone,
    },
    store::{
        Error,
        bulk::{IN_LIST, Rows},
    },
};

/// Parses a stored event's payload again.
fn read_stored(zone: &Zone, row: &event::Model) -> Result<(Event, Value), Error> {
    let damaged = |reason: String| Error::damaged("event", row.seq.to_string(), reason);
    let kind = EventKind::parse(&row.kind).ok_or_else(|| damaged(format!("unknown kind `{}`", row.kind)))?;
    let payload = serde_json::from_str(&row.payload).map_err(|error| damaged(error.to_string()))?;
    let event = reading::read(kind, &payload, zone).map_err(|error| damaged(error.to_string()))?;
    Ok((event, payload))
}

/// A stored event, to be folded again.
pub(in crate::store) fn logged(zone: &Zone, row: &event::Model) -> Result<Logged, Error> {
    let (event, payload) = read_stored(zone, row)?;
    let digest = match &event {
        Event::Message(message) => Some(message_digest(&message.key(), &payload)),
        _ => None,
    };
    Ok(Logged { seq: row.seq, received_at: Timestamp::clamped(row.received_at), event: Arc::new(event), digest })
}

/// The sequence numbers in `event_subject` for a subject under any of its ids: of all events about it, except a message's first,
/// which is in the message.
pub(in crate::store) async fn recorded(log: &impl Rows, subject: SubjectType, ids: &[String]) -> Result<BTreeSet<i64>, Error> {
    let about = event_subject::Entity::find()
        .filter(event_subject::Column::SubjectType.eq(subject.word()))
        .filter(event_subject::Column::SubjectId.is_in(ids.iter().map(String::as_str)));
    Ok(log.all(about).await?.into_iter().map(|row| row.seq).collect())
}

/// The events with these sequence numbers up to and including `until`, reduced by `pick`.
pub(super) async fn arrivals<P>(
    log: &impl Rows,
    zone: &Zone,
    seqs: &BTreeSet<i64>,
    until: i64,
    pick: impl Fn(Event) -> Option<P>,
) -> Result<Vec<Arrival<P>>, Error> {
    let seqs: Vec<i64> = seqs.range(..=until).copied().collect();
    let mut arrivals = Vec::with_capacity(seqs.len());
    for chunk in seqs.chunks(IN_LIST) {
        let rows = log.all(event::Entity::find().filter(event::Column::Seq.is_in(chunk.iter().copied()))).await?;
        for row in rows {
            let Some(payload) = pick(read_stored(zone, &row)?.0) else { continue };
            let received_at = Timestamp::clamped(row.received_at);
            arrivals.push(Arrival { payload, seq: row.seq, received_at, text: row.payload });
        }
    }
    Ok(arrivals)
}
