//! The state of a store for metrics: log position, backlogs and connection usage.

use super::{
    Error, Store,
    dialect::Dialect,
    readers::{InUse, Pool, Source},
};

/// The bound up to which rejected deliveries are counted.
const MOST_REJECTED: u32 = 10_000;

/// The bound up to which texts waiting for the search index are counted.
const MOST_UNINDEXED: u32 = 100_000;

/// The positions and backlogs of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vitals {
    /// The position of the newest change.
    pub position: i64,
    /// The number of events after the last one that made a change.
    pub unprojected: i64,
    /// The number of texts waiting for the search index, counted up to a bound.
    pub unindexed: i64,
    /// The number of rejected deliveries, counted up to a bound.
    pub rejected: i64,
}

impl Store {
    /// Reads the positions and backlogs in one short statement.
    pub async fn vitals(&self) -> Result<Vitals, Error> {
        let db = Source::Newest(self.readers.clone());
        let unindexed = match db.dialect() {
            Dialect::Sqlite => {
                format!("(SELECT count(*) FROM (SELECT 1 FROM search_tail LIMIT {MOST_UNINDEXED}))")
            }
            // PostgreSQL maintains its search indexes itself.
            Dialect::Postgres => "0::bigint".to_owned(),
        };
        // Every event is announced by a change, and an index has just these.
        let sql = format!(
            r#"SELECT (SELECT coalesce(max("position"), 0) FROM "change") AS "position",
               (SELECT coalesce(max(seq), 0) FROM event) - (SELECT coalesce(max(seq), 0) FROM "change" WHERE subject_type = 'event')
                   AS unprojected,
               {unindexed} AS unindexed,
               (SELECT count(*) FROM (SELECT 1 FROM rejected_delivery LIMIT {MOST_REJECTED}) AS kept) AS rejected"#
        );
        let rows = db.query_sql(sql, Vec::new()).await?;
        let of = |name: &str| rows.first().map_or(Ok(0), |row| row.try_get("", name));
        Ok(Vitals {
            position: of("position")?,
            unprojected: of("unprojected")?,
            unindexed: of("unindexed")?,
            rejected: of("rejected")?,
        })
    }

    /// The usage of the connections for whole requests, and of those for single statements. PostgreSQL has one pool for both, which
    /// is the first.
    pub fn in_use(&self) -> (InUse, Option<InUse>) {
        match self.readers.pool() {
            Pool::Sqlite(statements, requests) => (requests.in_use(), Some(statements.in_use())),
            Pool::Postgres(db, _) => {
                let pool = db.get_postgres_connection_pool();
                let (open, idle) = (pool.size(), u32::try_from(pool.num_idle()).unwrap_or(u32::MAX));
                let busy = open.saturating_sub(idle);
                (InUse { busy, idle: self.options.readers.saturating_sub(busy) }, None)
            }
        }
    }
}
