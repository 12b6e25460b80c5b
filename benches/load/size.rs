//! What takes the space in a database: its largest tables and indexes.

use crate::{
    file::File,
    fresh::{Fresh, sqlite_file},
};

/// The number of tables and indexes shown.
const SHOWN: u8 = 10;

/// A table without its indexes, or an index, and its size in bytes.
pub(crate) struct Relation {
    name: String,
    bytes: u64,
}

/// The largest tables and indexes. There must be no writers.
pub(crate) async fn largest(database: &Fresh) -> Vec<Relation> {
    if let Some(file) = sqlite_file(database.url()) {
        let db = rusqlite::Connection::open(file).unwrap();
        let sql = format!("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE ORDER BY pgsize DESC LIMIT {SHOWN}");
        let mut statement = db.prepare(&sql).unwrap();
        let relation = |row: &rusqlite::Row<'_>| Ok(Relation { name: row.get(0)?, bytes: row.get::<_, i64>(1)?.cast_unsigned() });
        return statement.query_map([], relation).unwrap().map(Result::unwrap).collect();
    }
    // Values stored out of line (TOAST) count as part of their table.
    let sql = format!(
        "SELECT relname::text AS name, CASE relkind WHEN 'r' THEN pg_table_size(oid) ELSE pg_relation_size(oid) END AS bytes
         FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')
         ORDER BY bytes DESC LIMIT {SHOWN}"
    );
    let relation = |row: &sea_orm::QueryResult| {
        let bytes: i64 = row.try_get("", "bytes").unwrap();
        Relation { name: row.try_get("", "name").unwrap(), bytes: bytes.cast_unsigned() }
    };
    database.rows(&sql).await.iter().map(relation).collect()
}

/// As rows of a table.
pub(crate) fn rows(largest: &[Relation], file: &File) -> Vec<Vec<String>> {
    let mut rows = vec![["largest tables and indexes", "MB", "B/payload B"].map(str::to_owned).to_vec()];
    rows.extend(largest.iter().map(|Relation { name, bytes }| {
        let bytes = *bytes as f64;
        vec![name.clone(), format!("{:.1}", bytes / 1e6), format!("{:.2}", bytes / file.payload_bytes as f64)]
    }));
    rows
}
