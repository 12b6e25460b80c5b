//! What metrics ask of a store: where its log and its indexes are, and what its connections do.

use super::{
    Error, Store,
    dialect::Dialect,
    readers::{InUse, Pool, Source},
};

/// Rejected deliveries are counted up to this.
const MOST_REJECTED: u32 = 10_000;

/// Texts that wait for the search index are counted up to this.
const MOST_UNINDEXED: u32 = 100_000;

/// Where a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vitals {
    /// The position of the newest change.
    pub position: i64,
    /// Events of the log behind the newest one that made a change.
    pub unprojected: i64,
    /// Texts that wait for the search index, as far as they are counted.
    pub unindexed: i64,
    /// Rejected deliveries that are kept, as far as they are counted.
    pub rejected: i64,
}

impl Store {
    /// Where it is, by one short statement.
    pub async fn vitals(&self) -> Result<Vitals, Error> {
        let db = Source::Newest(self.readers.clone());
        let unindexed = match db.dialect() {
            Dialect::Sqlite => {
                format!("(SELECT count(*) FROM (SELECT 1 FROM search_tail LIMIT {MOST_UNINDEXED}))")
            }
            // It adds texts to its indexes by itself.
            Dialect::Postgres => "0::bigint".to_owned(),
        };
        let sql = format!(
            r#"SELECT (SELECT coalesce(max("position"), 0) FROM "change") AS "position",
               (SELECT coalesce(max(seq), 0) FROM event) - (SELECT coalesce(max(seq), 0) FROM "change") AS unprojected,
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

    /// What the connections do that read whole requests, and those that read single statements. PostgreSQL has the former
    /// for both.
    pub fn in_use(&self) -> (InUse, Option<InUse>) {
        match self.readers.pool() {
            Pool::Sqlite(statements, requests) => (requests.in_use(), Some(statements.in_use())),
            Pool::Postgres(db) => {
                let pool = db.get_postgres_connection_pool();
                let (open, idle) = (pool.size(), u32::try_from(pool.num_idle()).unwrap_or(u32::MAX));
                let busy = open.saturating_sub(idle);
                (InUse { busy, idle: self.options.readers.saturating_sub(busy) }, None)
            }
        }
    }
}
