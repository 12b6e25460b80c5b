//! The log: appending deliveries, each once, with all that comes of them in one transaction.

use std::{collections::HashMap, sync::Arc};

use entity::{change, event, event_subject};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, IntoTableRef, Query, SimpleExpr, TableRef},
};

use super::{
    Error, Store,
    bulk::{IN_LIST, insert},
    projection::{self, Logged, NewChange},
    rejected,
    restored::Restored,
    wakes,
};
use crate::domain::{change::SubjectType, event::Event, kind::EventKind, time::Timestamp};

/// A delivery that was read as an event.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its number in the log that it comes from, which it keeps: the command line alone may restore a log.
    pub seq: Option<i64>,
    /// The sender's id of it.
    pub delivery_id: Option<String>,
    /// When it arrived, where that is not now: the command line alone may say so.
    pub received_at: Option<Timestamp>,
    /// The JSON text exactly as received.
    pub payload: Arc<str>,
    /// What it says.
    pub event: Arc<Event>,
    /// Of messages: the digest of the payload, by which an equal one is known.
    pub digest: Option<String>,
}

/// A delivery that could not be read, and is kept.
#[derive(Clone, Debug)]
pub struct Rejection {
    /// The sender's id of it.
    pub delivery_id: Option<String>,
    /// The kind it came as, when one was told.
    pub kind: Option<EventKind>,
    /// The JSON text exactly as received.
    pub payload: Arc<str>,
    /// The JSON path at fault.
    pub path: String,
    /// What was expected there.
    pub reason: String,
}

/// One thing to be stored.
#[derive(Clone, Debug)]
pub enum Entry {
    /// An event.
    Delivery(Delivery),
    /// A rejected delivery.
    Rejection(Rejection),
}

impl Entry {
    /// The number that it comes with.
    pub fn seq(&self) -> Option<i64> {
        match self {
            Self::Delivery(delivery) => delivery.seq,
            Self::Rejection(_) => None,
        }
    }
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is stored as this event, now or (`duplicate`) before.
    Event {
        /// The event's sequence number.
        seq: i64,
        /// Whether it was stored before.
        duplicate: bool,
    },
    /// It is kept as this rejected delivery.
    Rejected {
        /// The number of the rejected delivery.
        id: i64,
    },
}

/// A stored event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place in the log.
    pub seq: i64,
    /// Its kind.
    pub kind: EventKind,
    /// The sender's id of the delivery.
    pub delivery_id: Option<String>,
    /// Its arrival.
    pub received_at: Timestamp,
    /// The JSON text exactly as received.
    pub payload: String,
}

/// Subjects that were touched in the millisecond being assigned.
#[derive(Default)]
struct Clock {
    at: i64,
    touched: std::collections::HashSet<(SubjectType, String)>,
}

impl Clock {
    /// The arrival of an event about these subjects: never before an earlier one's, and after one about the same subject,
    /// so that arrival alone tells which of two was first.
    fn tick(&mut self, subjects: &[(SubjectType, String)]) -> Timestamp {
        if subjects.iter().any(|subject| self.touched.contains(subject)) {
            self.at += 1;
            self.touched.clear();
        }
        self.touched.extend(subjects.iter().cloned());
        Timestamp::clamped(self.at)
    }

    /// An arrival that was told: it stays as it is, and those assigned from now on are not before it.
    fn keep(&mut self, told: Timestamp) -> Timestamp {
        if told.as_millis() >= self.at {
            self.at = told.as_millis() + 1;
            self.touched.clear();
        }
        told
    }
}

impl Store {
    /// Stores a batch in one transaction, and answers for each entry in its place. When this returns, what it says is
    /// committed and synced. An error means that nothing of the batch is stored.
    pub async fn append(&self, entries: &[Entry], now: Timestamp) -> Result<Vec<Appended>, Error> {
        let db = self.begin().await?;
        let mut known = Known::load(&db, entries).await?;
        let restored = Restored::load(&db, entries).await?;
        let head = Head::load(&db).await?;
        let mut clock = Clock { at: now.as_millis().max(head.received_at + 1), ..Clock::default() };
        let (mut appended, mut events, mut subjects, mut logged) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut seq = head.seq;
        for entry in entries {
            let delivery = match entry {
                Entry::Rejection(rejection) => {
                    appended.push(Appended::Rejected { id: rejected::keep(&db, rejection, now).await? });
                    continue;
                }
                Entry::Delivery(delivery) => delivery,
            };
            let stored = match delivery.seq {
                Some(own) => restored.find(own, delivery, seq, known.find(delivery))?,
                None => known.find(delivery),
            };
            if let Some(seq) = stored {
                appended.push(Appended::Event { seq, duplicate: true });
                continue;
            }
            seq = delivery.seq.unwrap_or(seq + 1);
            known.add(delivery, seq);
            let about = projection::subjects(&delivery.event);
            let received_at = match delivery.received_at {
                Some(told) => clock.keep(told),
                None => clock.tick(&about),
            };
            events.push(event::Model {
                seq,
                kind: projection::kind_word(&delivery.event).to_owned(),
                delivery_id: delivery.delivery_id.clone(),
                message_digest: delivery.digest.clone(),
                received_at: received_at.as_millis(),
                payload: delivery.payload.to_string(),
            });
            subjects.extend(about.into_iter().map(|(subject_type, subject_id)| event_subject::Model {
                subject_type: subject_type.word().to_owned(),
                subject_id,
                seq,
            }));
            logged.push(Logged { seq, received_at, event: delivery.event.clone(), digest: delivery.digest.clone() });
            appended.push(Appended::Event { seq, duplicate: false });
        }
        insert::<event::Entity>(&db, events).await?;
        insert::<event_subject::Entity>(&db, subjects).await?;
        let changes = projection::project(&db, &db, &self.zone, &logged).await?;
        let position = record_changes(&db, head.position, &logged, changes).await?;
        if position > head.position {
            wakes::announce(&db, position).await?;
        }
        db.commit().await?;
        Ok(appended)
    }
}

/// Writes the changes of the events: first the event itself, then what it changed. Returns where they end.
async fn record_changes(db: &DatabaseTransaction, head: i64, logged: &[Logged], changes: Vec<NewChange>) -> Result<i64, Error> {
    let mut changes = changes.into_iter().peekable();
    let mut rows = Vec::new();
    let mut position = head;
    let mut add = |seq, subject_type: SubjectType, subject_id: String, kind: &str| {
        position += 1;
        let (subject_type, kind) = (subject_type.word().to_owned(), kind.to_owned());
        rows.push(change::Model { position, seq, subject_type, subject_id, kind });
    };
    for event in logged {
        add(event.seq, SubjectType::Event, event.seq.to_string(), "created");
        while let Some(change) = changes.next_if(|change| change.seq <= event.seq) {
            add(change.seq, change.subject_type, change.subject_id, change.kind.word());
        }
    }
    insert::<change::Entity>(db, rows).await?;
    Ok(position)
}

/// Where the log ends.
struct Head {
    seq: i64,
    position: i64,
    received_at: i64,
}

impl Head {
    async fn load(db: &DatabaseTransaction) -> Result<Self, Error> {
        let newest = |column: SimpleExpr, table: TableRef| {
            Expr::SubQuery(None, Box::new(Query::select().expr(column).from(table).to_owned().into()))
        };
        let ends = Query::select()
            .expr_as(newest(event::Column::Seq.max(), event::Entity.into_table_ref()), "seq")
            .expr_as(newest(event::Column::ReceivedAt.max(), event::Entity.into_table_ref()), "received_at")
            .expr_as(newest(change::Column::Position.max(), change::Entity.into_table_ref()), "position")
            .to_owned();
        let row = db.query_one(&ends).await?;
        let end = |name| row.as_ref().map_or(Ok(None), |row| row.try_get::<Option<i64>>("", name));
        Ok(Self {
            seq: end("seq")?.unwrap_or(0),
            position: end("position")?.unwrap_or(0),
            received_at: end("received_at")?.unwrap_or(i64::MIN / 2),
        })
    }
}

/// The events by which repetitions of this batch are known.
struct Known {
    by_delivery: HashMap<String, i64>,
    by_digest: HashMap<String, i64>,
}

impl Known {
    async fn load(db: &DatabaseTransaction, entries: &[Entry]) -> Result<Self, Error> {
        let deliveries = || {
            entries.iter().filter_map(|entry| match entry {
                Entry::Delivery(delivery) => Some(delivery),
                Entry::Rejection(_) => None,
            })
        };
        let ids = deliveries().filter_map(|delivery| delivery.delivery_id.clone());
        let digests = deliveries().filter_map(|delivery| delivery.digest.clone());
        Ok(Self {
            by_delivery: seqs(db, event::Column::DeliveryId, ids).await?,
            by_digest: seqs(db, event::Column::MessageDigest, digests).await?,
        })
    }

    fn find(&self, delivery: &Delivery) -> Option<i64> {
        let by_delivery = delivery.delivery_id.as_ref().and_then(|id| self.by_delivery.get(id));
        by_delivery.or_else(|| self.by_digest.get(delivery.digest.as_ref()?)).copied()
    }

    fn add(&mut self, delivery: &Delivery, seq: i64) {
        self.by_delivery.extend(delivery.delivery_id.clone().map(|id| (id, seq)));
        self.by_digest.extend(delivery.digest.clone().map(|digest| (digest, seq)));
    }
}

/// The sequence numbers of the events that have one of the values in a column, by that value.
async fn seqs(
    db: &DatabaseTransaction,
    column: event::Column,
    values: impl Iterator<Item = String>,
) -> Result<HashMap<String, i64>, Error> {
    let values: Vec<String> = values.collect();
    let mut seqs = HashMap::new();
    for chunk in values.chunks(IN_LIST) {
        let of_values = event::Entity::find().filter(column.is_in(chunk.iter().map(String::as_str)));
        let found: Vec<(String, i64)> =
            of_values.select_only().columns([column, event::Column::Seq]).into_tuple().all(db).await?;
        seqs.extend(found);
    }
    Ok(seqs)
}

/// A stored row as what readers get.
pub(super) fn stored_event(row: event::Model) -> Result<StoredEvent, Error> {
    let kind = EventKind::parse(&row.kind)
        .ok_or_else(|| Error::damaged("event", row.seq.to_string(), format!("unknown kind `{}`", row.kind)))?;
    Ok(StoredEvent {
        seq: row.seq,
        kind,
        delivery_id: row.delivery_id,
        received_at: Timestamp::clamped(row.received_at),
        payload: row.payload,
    })
}

/// Up to `limit` events after `after`, in the order of the log.
pub(super) async fn events_after(db: &impl ConnectionTrait, after: i64, limit: u64) -> Result<Vec<event::Model>, Error> {
    Ok(event::Entity::find().filter(event::Column::Seq.gt(after)).order_by_asc(event::Column::Seq).limit(limit).all(db).await?)
}
