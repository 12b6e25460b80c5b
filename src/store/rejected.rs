//! Rejected deliveries: what was authenticated JSON but no event, kept with its reason until it can be read.

use entity::rejected_delivery as table;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::Query};

use super::{Error, Rejection, Store, bulk::Rows, write::Transaction};
use crate::domain::{kind::EventKind, time::Timestamp};

/// A rejected delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedDelivery {
    /// Its number, in order of arrival.
    pub id: i64,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The kind it came as, when one was told.
    pub kind: Option<EventKind>,
    /// The sender's id of it.
    pub delivery_id: Option<String>,
    /// The JSON text exactly as received.
    pub payload: String,
    /// The JSON path at fault.
    pub path: String,
    /// What was expected there.
    pub reason: String,
}

/// Keeps a rejected delivery and returns its number. The same one again (same sender's id, kind and content) is kept once.
pub(super) async fn keep(db: &Transaction, rejection: &Rejection, now: Timestamp) -> Result<i64, Error> {
    let kind = rejection.kind.map(|kind| kind.name().to_owned());
    if let Some(delivery_id) = &rejection.delivery_id {
        let of_kind = kind.as_ref().map_or_else(|| table::Column::Kind.is_null(), |kind| table::Column::Kind.eq(kind));
        let again = table::Entity::find()
            .filter(table::Column::DeliveryId.eq(delivery_id))
            .filter(of_kind)
            .filter(table::Column::Payload.eq(rejection.payload.as_ref()))
            .limit(1);
        if let Some(row) = db.all(again).await?.first() {
            return Ok(row.id);
        }
    }
    let mut insert = Query::insert();
    insert
        .into_table(table::Entity)
        .columns([
            table::Column::ReceivedAt,
            table::Column::Kind,
            table::Column::DeliveryId,
            table::Column::Payload,
            table::Column::Path,
            table::Column::Reason,
        ])
        .values_panic([
            now.as_millis().into(),
            kind.into(),
            rejection.delivery_id.clone().into(),
            rejection.payload.to_string().into(),
            rejection.path.clone().into(),
            rejection.reason.clone().into(),
        ])
        .returning_col(table::Column::Id);
    let inserted = db.query(&insert).await?;
    Ok(inserted.iter().next().and_then(|row| row.int(0)).expect("the database numbers what it stores"))
}

impl Store {
    /// Up to `limit` rejected deliveries after the number `after`, in order of arrival.
    pub async fn rejected_after(&self, after: i64, limit: u64) -> Result<Vec<RejectedDelivery>, Error> {
        let rows = table::Entity::find()
            .filter(table::Column::Id.gt(after))
            .order_by_asc(table::Column::Id)
            .limit(limit)
            .all(&self.upkeep)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| RejectedDelivery {
                id: row.id,
                received_at: Timestamp::clamped(row.received_at),
                kind: row.kind.as_deref().and_then(EventKind::parse),
                delivery_id: row.delivery_id,
                payload: row.payload,
                path: row.path,
                reason: row.reason,
            })
            .collect())
    }

    /// How many rejected deliveries are kept.
    pub async fn rejected_count(&self) -> Result<u64, Error> {
        Ok(table::Entity::find().count(&self.upkeep).await?)
    }

    /// Forgets a rejected delivery whose event is stored by now.
    pub async fn forget_rejected(&self, id: i64) -> Result<(), Error> {
        let db = self.writer.begin().await?;
        db.execute(&table::Entity::delete_by_id(id).into_query()).await?;
        db.commit().await
    }
}
