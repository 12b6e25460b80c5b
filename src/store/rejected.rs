//! Rejected deliveries: authenticated JSON that is not a valid event, kept with the reason until it can be processed.

use entity::rejected_delivery as table;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::Query};

use super::{Error, Rejection, Store, bulk::Rows, write::Transaction};
use crate::domain::{kind::EventKind, time::Timestamp};

/// A rejected delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedDelivery {
    /// Its number; numbers ascend in order of arrival.
    pub id: i64,
    /// Its time of arrival.
    pub received_at: Timestamp,
    /// The kind, if the sender named one.
    pub kind: Option<EventKind>,
    /// The sender's delivery id.
    pub delivery_id: Option<String>,
    /// The JSON text exactly as received.
    pub payload: String,
    /// The JSON path of the invalid value.
    pub path: String,
    /// What was expected there.
    pub reason: String,
}

/// Stores a rejected delivery and returns its number. A repeated one (same delivery id, kind and content) is stored once.
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
    /// Up to `limit` rejected deliveries with numbers greater than `after`, in order of arrival.
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

    /// The number of rejected deliveries.
    pub async fn rejected_count(&self) -> Result<u64, Error> {
        Ok(table::Entity::find().count(&self.upkeep).await?)
    }

    /// Deletes a rejected delivery whose event is now stored.
    pub async fn forget_rejected(&self, id: i64) -> Result<(), Error> {
        let db = self.writer.begin().await?;
        db.execute(&table::Entity::delete_by_id(id).into_query()).await?;
        db.commit().await
    }
}
