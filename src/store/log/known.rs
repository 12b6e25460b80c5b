//! What the log and the messages already have of a batch.

use std::collections::{HashMap, HashSet};

use entity::{event, event_subject, message};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoSimpleExpr, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{ExprTrait, IntoTableRef, Query, SimpleExpr, TableRef, UnionType},
};

use super::{Delivery, Entry, Error, Transaction};
use crate::domain::{change::SubjectType, digest, event::Event};

/// What is stored of a batch's messages, and the stored events that its duplicates refer to.
pub(super) struct Known {
    by_delivery: HashMap<String, i64>,
    by_digest: HashMap<String, i64>,
    /// By key.
    pub(super) messages: HashSet<String>,
}

impl Known {
    pub(super) async fn load(db: &Transaction, entries: &[Entry]) -> Result<Self, Error> {
        let deliveries = || {
            entries.iter().filter_map(|entry| match entry {
                Entry::Delivery(delivery) => Some(delivery),
                Entry::Rejection(_) => None,
            })
        };
        let ids = deliveries().filter_map(|delivery| delivery.delivery_id.clone());
        let by_delivery = seqs(db, event::Column::DeliveryId, ids).await?;
        let mut known = Self { by_delivery, by_digest: HashMap::new(), messages: HashSet::new() };
        known.load_messages(db, deliveries()).await?;
        Ok(known)
    }

    pub(super) fn find(&self, delivery: &Delivery) -> Option<i64> {
        let by_delivery = delivery.delivery_id.as_ref().and_then(|id| self.by_delivery.get(id));
        by_delivery.or_else(|| self.by_digest.get(delivery.digest.as_ref()?)).copied()
    }

    pub(super) fn add(&mut self, delivery: &Delivery, seq: i64) {
        self.by_delivery.extend(delivery.delivery_id.clone().map(|id| (id, seq)));
        self.by_digest.extend(delivery.digest.clone().map(|digest| (digest, seq)));
        if let Event::Message(message) = delivery.event.as_ref() {
            self.messages.insert(message.key());
        }
    }

    /// Loads which messages are stored, and the events that repeat some of them, by digest. Candidates are the events about the
    /// same message with the same hash; their payloads are then compared.
    async fn load_messages<'d>(&mut self, db: &Transaction, deliveries: impl Iterator<Item = &'d Delivery>) -> Result<(), Error> {
        let mut by_key: HashMap<String, Vec<&str>> = HashMap::new();
        for delivery in deliveries {
            if let Event::Message(message) = delivery.event.as_ref() {
                by_key.entry(message.key()).or_default().extend(delivery.digest.as_deref());
            }
        }
        for (seq, key, stored_hash) in hashes_of(db, by_key.keys().cloned().collect()).await? {
            let digests = by_key.get(&key).into_iter().flatten().filter(|digest| Some(digest::hash(digest)) == stored_hash);
            for digest in digests {
                let Some(row) = db.rows_in::<event::Entity>(event::Column::Seq, [seq]).await?.into_iter().next() else {
                    continue;
                };
                let damaged = |error: serde_json::Error| Error::damaged("event", seq.to_string(), error);
                let payload = serde_json::from_str(&row.payload).map_err(damaged)?;
                if digest::message_digest(&key, &payload) == *digest {
                    self.by_digest.insert((*digest).to_owned(), seq);
                }
            }
            self.messages.insert(key);
        }
        Ok(())
    }
}

/// The sequence numbers of the events with one of these values in a column, by value.
async fn seqs(
    db: &Transaction,
    column: event::Column,
    values: impl Iterator<Item = String>,
) -> Result<HashMap<String, i64>, Error> {
    let values: Vec<String> = values.collect();
    if values.is_empty() {
        return Ok(HashMap::new());
    }
    let has_one = db.dialect().is_one_of(column.into_simple_expr(), &values);
    let found = event::Entity::find().select_only().columns([column, event::Column::Seq]).filter(has_one);
    let found = db.query(&found.into_query()).await?;
    Ok(found.iter().filter_map(|row| Some((row.text(0)?.to_owned(), row.int(1)?))).collect())
}

/// The events about these messages, each as (sequence number, message key, payload hash if it has one).
async fn hashes_of(db: &Transaction, keys: Vec<String>) -> Result<Vec<(i64, String, Option<i64>)>, Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let is_one_of = |key: SimpleExpr| db.dialect().is_one_of(key, &keys);
    let hashes = |key: SimpleExpr, seq: SimpleExpr, table: TableRef| {
        Query::select()
            .columns([(event::Entity, event::Column::Seq), (event::Entity, event::Column::MessageHash)])
            .expr(key.clone())
            .from(table)
            .inner_join(event::Entity, event::Column::Seq.into_expr().eq(seq))
            .and_where(is_one_of(key))
            .to_owned()
    };
    let (key, seq) = (message::Column::Key.into_simple_expr(), message::Column::EventSeq.into_simple_expr());
    let mut first = hashes(key, seq, message::Entity.into_table_ref());
    let (key, seq) = (event_subject::Column::SubjectId.into_simple_expr(), event_subject::Column::Seq.into_simple_expr());
    let mut later = hashes(key, seq, event_subject::Entity.into_table_ref());
    later.and_where(event_subject::Column::SubjectType.eq(SubjectType::Message.word()));
    let found = db.query(first.union(UnionType::All, later)).await?;
    Ok(found.iter().filter_map(|row| Some((row.int(0)?, row.text(2)?.to_owned(), row.int(1)))).collect())
}
