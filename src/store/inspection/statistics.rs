//! Counts of what a store holds, and its size.

use entity::{api_key, conversation, customer, event, message, rejected_delivery, staff, ticket};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::Expr,
};

use super::{super::connect, Inspection};
use crate::{
    domain::time::Timestamp,
    store::{Error, dialect::Dialect},
};

/// The largest number of rejection reasons returned, most frequent first.
const REASONS: u64 = 10;

/// The events of one kind.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct EventsOfKind {
    /// The kind.
    pub kind: String,
    /// The number of events.
    pub count: i64,
}

/// Deliveries rejected for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct RejectedAlike {
    /// The kind, if the sender named one.
    pub kind: Option<String>,
    /// The JSON path of the invalid value.
    pub path: String,
    /// What was expected there.
    pub reason: String,
    /// The number of deliveries.
    pub count: i64,
    /// The latest time of arrival, in milliseconds since the epoch.
    pub newest: i64,
}

/// The size of a part of the database.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Size {
    /// The part: a file on SQLite, a table with its indexes on PostgreSQL.
    pub part: String,
    /// Its size in bytes.
    pub bytes: i64,
}

/// Counts and sizes of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Events by kind, the most frequent first.
    pub events: Vec<EventsOfKind>,
    /// The number of customers that are not deleted.
    pub customers: u64,
    /// The number of conversations.
    pub conversations: u64,
    /// The number of messages.
    pub messages: u64,
    /// The number of tickets that are not deleted.
    pub tickets: u64,
    /// The number of staff members.
    pub staff: u64,
    /// The number of API keys that are not revoked.
    pub keys: u64,
    /// The number of rejected deliveries.
    pub rejected: u64,
    /// The most frequent reasons of rejection.
    pub reasons: Vec<RejectedAlike>,
    /// The size of the whole database in bytes.
    pub bytes: i64,
    /// The sizes of its parts, the largest first.
    pub sizes: Vec<Size>,
}

impl Inspection {
    /// Collects the counts and sizes.
    pub async fn statistics(&self) -> Result<Statistics, Error> {
        let db = &self.db;
        let events = event::Entity::find()
            .select_only()
            .column(event::Column::Kind)
            .column_as(event::Column::Seq.count(), "count")
            .group_by(event::Column::Kind)
            .order_by_desc(Expr::col("count"))
            .order_by_asc(event::Column::Kind);
        let live = Condition::all().add(customer::Column::VersionAt.is_not_null()).add(customer::Column::DeletedAt.is_null());
        let open = Condition::all().add(ticket::Column::VersionAt.is_not_null()).add(ticket::Column::DeletedAt.is_null());
        let (bytes, sizes) = self.sizes().await?;
        Ok(Statistics {
            events: events.into_model().all(db).await?,
            customers: customer::Entity::find().filter(live).count(db).await?,
            conversations: conversation::Entity::find().count(db).await?,
            messages: message::Entity::find().count(db).await?,
            tickets: ticket::Entity::find().filter(open).count(db).await?,
            staff: staff::Entity::find().count(db).await?,
            keys: api_key::Entity::find().filter(api_key::Column::RevokedAt.is_null()).count(db).await?,
            rejected: rejected_delivery::Entity::find().count(db).await?,
            reasons: self.reasons().await?,
            bytes,
            sizes,
        })
    }

    async fn reasons(&self) -> Result<Vec<RejectedAlike>, Error> {
        use rejected_delivery::Column;
        let alike = rejected_delivery::Entity::find()
            .select_only()
            .columns([Column::Kind, Column::Path, Column::Reason])
            .column_as(Column::Id.count(), "count")
            .column_as(Column::ReceivedAt.max(), "newest")
            .group_by(Column::Kind)
            .group_by(Column::Path)
            .group_by(Column::Reason)
            .order_by_desc(Expr::col("count"))
            .order_by_asc(Column::Path)
            .limit(REASONS);
        Ok(alike.into_model().all(&self.db).await?)
    }

    /// The number of events that arrived between each two consecutive times. `times` is ascending.
    pub async fn arrivals(&self, times: &[Timestamp]) -> Result<Vec<u64>, Error> {
        let mut counts = Vec::with_capacity(times.len().saturating_sub(1));
        for pair in times.windows(2) {
            let arrived = event::Entity::find()
                .filter(event::Column::ReceivedAt.gte(pair[0].as_millis()))
                .filter(event::Column::ReceivedAt.lt(pair[1].as_millis()));
            counts.push(arrived.count(&self.db).await?);
        }
        Ok(counts)
    }

    /// The size of the whole database in bytes, and the sizes of its parts.
    async fn sizes(&self) -> Result<(i64, Vec<Size>), Error> {
        if self.dialect() == Dialect::Sqlite {
            let file = connect::sqlite_file(&self.options.url)?;
            let sizes: Vec<Size> = ["", "-wal"]
                .iter()
                .filter_map(|suffix| {
                    let part = format!("{}{suffix}", file.display());
                    let bytes = std::fs::metadata(&part).ok()?.len();
                    Some(Size { part, bytes: i64::try_from(bytes).unwrap_or(i64::MAX) })
                })
                .collect();
            return Ok((sizes.iter().map(|size| size.bytes).sum(), sizes));
        }
        let whole = self.number("SELECT pg_database_size(current_database()) AS number").await?.unwrap_or(0);
        let tables = "SELECT relname::text AS part, pg_total_relation_size(oid) AS bytes FROM pg_class \
                      WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace ORDER BY bytes DESC, part";
        let parts = Size::find_by_statement(Statement::from_string(self.db.get_database_backend(), tables)).all(&self.db).await?;
        Ok((whole, parts))
    }
}
