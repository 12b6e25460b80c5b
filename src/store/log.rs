//! The log: appends each delivery once (idempotently), and folds it into the projections in the same transaction.

mod known;

use std::sync::Arc;

use entity::{change, event, event_subject, meta};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, IntoTableRef, Query, SimpleExpr, TableRef},
};

use self::known::Known;
use super::{
    Error, Store,
    bulk::Rows,
    projection::{
        self, Logged, NewChange,
        tables::{VERSION, VERSION_KEY, parse_version},
    },
    rejected,
    restored::Restored,
    write::{self, Transaction},
};
use crate::domain::{change::SubjectType, digest, event::Event, kind::EventKind, time::Timestamp};

/// A delivery that is a valid event.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The sequence number that it must get, if a log is restored. Only the command line sets it.
    pub seq: Option<i64>,
    /// The sender's delivery id.
    pub delivery_id: Option<String>,
    /// The time of arrival, if not now. Only the command line sets it.
    pub received_at: Option<Timestamp>,
    /// The JSON text exactly as received.
    pub payload: Arc<str>,
    /// The parsed event.
    pub event: Arc<Event>,
    /// For messages, the digest of the payload, which identifies duplicates.
    pub digest: Option<String>,
}

/// A delivery that is not a valid event: a dead letter.
#[derive(Clone, Debug)]
pub struct Rejection {
    /// The sender's delivery id.
    pub delivery_id: Option<String>,
    /// The kind, if the sender named one.
    pub kind: Option<EventKind>,
    /// The JSON text exactly as received.
    pub payload: Arc<str>,
    /// The JSON path of the invalid value.
    pub path: String,
    /// What was expected there.
    pub reason: String,
}

/// An item to be stored.
#[derive(Clone, Debug)]
pub enum Entry {
    /// An event.
    Delivery(Delivery),
    /// A rejected delivery.
    Rejection(Rejection),
}

impl Entry {
    /// The sequence number that it must get, if any.
    pub fn seq(&self) -> Option<i64> {
        match self {
            Self::Delivery(delivery) => delivery.seq,
            Self::Rejection(_) => None,
        }
    }
}

/// The outcome for one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// Stored as this event, now or (`duplicate`) earlier.
    Event {
        /// The event's sequence number.
        seq: i64,
        /// Whether it had been stored earlier.
        duplicate: bool,
    },
    /// Kept as this rejected delivery.
    Rejected {
        /// The number of the rejected delivery.
        id: i64,
    },
}

/// A stored event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its sequence number.
    pub seq: i64,
    /// Its kind.
    pub kind: EventKind,
    /// The sender's delivery id.
    pub delivery_id: Option<String>,
    /// Its time of arrival.
    pub received_at: Timestamp,
    /// The JSON text exactly as received.
    pub payload: String,
}

/// Assigns times of arrival, and tracks the subjects that were touched in the current millisecond.
#[derive(Default)]
struct Clock {
    at: i64,
    touched: std::collections::HashSet<(SubjectType, String)>,
}

impl Clock {
    /// The time of arrival of an event about these subjects: not before any earlier event, and strictly after earlier events
    /// about the same subject, so that it orders the events of a subject.
    fn tick(&mut self, subjects: &[(SubjectType, String)]) -> Timestamp {
        if subjects.iter().any(|subject| self.touched.contains(subject)) {
            self.at += 1;
            self.touched.clear();
        }
        self.touched.extend(subjects.iter().cloned());
        Timestamp::clamped(self.at)
    }

    /// Accepts a given time of arrival unchanged. Times assigned later are not before it.
    fn keep(&mut self, given: Timestamp) -> Timestamp {
        if given.as_millis() >= self.at {
            self.at = given.as_millis() + 1;
            self.touched.clear();
        }
        given
    }
}

impl Store {
    /// Stores a batch in one transaction and returns the outcome of each entry, in order. When this returns, they are
    /// committed and synced. On an error nothing of the batch is stored.
    pub async fn append(&self, entries: &[Entry], now: Timestamp) -> Result<Vec<Appended>, Error> {
        self.append_with(entries, now, |_| ()).await
    }

    /// Like [`Self::append`], but calls `before_commit` with the outcomes, before anyone can read the changes. The commit may
    /// still fail, in which case the sequence numbers are reused.
    pub async fn append_with(
        &self,
        entries: &[Entry],
        now: Timestamp,
        before_commit: impl FnOnce(&[Appended]),
    ) -> Result<Vec<Appended>, Error> {
        let db = self.writer.begin().await?;
        let mut known = Known::load(&db, entries).await?;
        let restored = Restored::load(&db, entries).await?;
        let head = Head::load(&db).await?;
        if head.version != VERSION {
            return Err(Error::OtherVersion { found: head.version, expected: VERSION });
        }
        let mut clock = Clock { at: Ord::max(now.as_millis(), head.received_at + 1), ..Clock::default() };
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
            let about = projection::subjects(&delivery.event);
            let received_at = match delivery.received_at {
                Some(given) => clock.keep(given),
                None => clock.tick(&about),
            };
            events.push(event::Model {
                seq,
                kind: projection::kind_word(&delivery.event).to_owned(),
                delivery_id: delivery.delivery_id.clone(),
                message_hash: delivery.digest.as_deref().map(digest::hash),
                received_at: received_at.as_millis(),
                payload: delivery.payload.to_string(),
            });
            // The first event about a message is recorded in the message.
            let recorded = about.into_iter().filter(|(kind, id)| *kind != SubjectType::Message || known.messages.contains(id));
            subjects.extend(recorded.map(|(subject_type, subject_id)| event_subject::Model {
                subject_type: subject_type.word().to_owned(),
                subject_id,
                seq,
            }));
            known.add(delivery, seq);
            logged.push(Logged { seq, received_at, event: delivery.event.clone(), digest: delivery.digest.clone() });
            appended.push(Appended::Event { seq, duplicate: false });
        }
        db.insert::<event::Entity>(events).await?;
        db.insert::<event_subject::Entity>(subjects).await?;
        let changes = projection::project(&db, &db, &self.zone, &logged).await?;
        let position = record_changes(&db, head.position, &logged, changes).await?;
        if position > head.position {
            db.notify(position).await?;
        }
        before_commit(&appended);
        db.commit().await?;
        Ok(appended)
    }

    /// Adds the waiting texts to the search indexes.
    pub async fn index_searched(&self) -> Result<(), Error> {
        if matches!(self.writer, write::Connection::Postgres(_)) {
            return Ok(());
        }
        let db = self.writer.begin().await?;
        db.index_searched()?;
        db.commit().await
    }

    /// The number of texts waiting to be added to the search indexes, counted up to `bound`.
    pub async fn unindexed(&self, bound: u32) -> Result<u32, Error> {
        if matches!(self.writer, write::Connection::Postgres(_)) {
            return Ok(0);
        }
        let db = self.writer.begin().await?;
        let waiting = db.unindexed(bound)?;
        db.rollback().await?;
        Ok(waiting)
    }
}

/// Writes the changes of the events: for each event, its own change, then the changes that it caused. Returns the last position.
async fn record_changes(db: &Transaction, head: i64, logged: &[Logged], changes: Vec<NewChange>) -> Result<i64, Error> {
    let mut changes = changes.into_iter().peekable();
    let mut rows = Vec::new();
    let mut position = head;
    let mut add = |change: NewChange| {
        position += 1;
        let NewChange { seq, subject_type, subject_id, kind, relinked } = change;
        let (subject_type, kind) = (subject_type.word().to_owned(), kind.word().to_owned());
        let (link_before, link_after) = relinked.map_or((None, None), |relinked| (relinked.before, relinked.after));
        rows.push(change::Model { position, seq, subject_type, subject_id, kind, link_before, link_after });
    };
    for event in logged {
        add(NewChange::of_event(event.seq));
        while let Some(change) = changes.next_if(|change| change.seq <= event.seq) {
            add(change);
        }
    }
    db.insert::<change::Entity>(rows).await?;
    Ok(position)
}

/// The end of the log, and the version of the projections.
struct Head {
    seq: i64,
    position: i64,
    received_at: i64,
    version: u32,
}

impl Head {
    async fn load(db: &Transaction) -> Result<Self, Error> {
        let newest = |column: SimpleExpr, table: TableRef| {
            Expr::SubQuery(None, Box::new(Query::select().expr(column).from(table).to_owned().into()))
        };
        let version = Query::select()
            .column(meta::Column::Value)
            .from(meta::Entity)
            .and_where(meta::Column::Key.eq(VERSION_KEY))
            .to_owned();
        let ends = Query::select()
            .expr_as(Expr::SubQuery(None, Box::new(version.into())), "version")
            .expr_as(newest(event::Column::Seq.max(), event::Entity.into_table_ref()), "seq")
            .expr_as(newest(event::Column::ReceivedAt.max(), event::Entity.into_table_ref()), "received_at")
            .expr_as(newest(change::Column::Position.max(), change::Entity.into_table_ref()), "position")
            .to_owned();
        let rows = db.query(&ends).await?;
        let row = rows.iter().next();
        let end = |at| row.and_then(|row| row.int(at));
        Ok(Self {
            version: parse_version(row.and_then(|row| row.text(0)))?,
            seq: end(1).unwrap_or(0),
            received_at: end(2).unwrap_or(i64::MIN / 2),
            position: end(3).unwrap_or(0),
        })
    }
}

/// Converts a stored row.
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
pub(super) async fn events_after(log: &impl Rows, after: i64, limit: u64) -> Result<Vec<event::Model>, Error> {
    log.all(event::Entity::find().filter(event::Column::Seq.gt(after)).order_by_asc(event::Column::Seq).limit(limit)).await
}
