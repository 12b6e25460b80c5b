//! The third migration: tables of counts, which the writer updates together with the counted rows.
//!
//! A message without a channel is counted under the empty channel id, which no channel has, since key columns can't be NULL. On
//! SQLite the tables have no row ids, so a time range is one scan of the primary key, including the counts.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};

use super::statements::run;

/// Creates the tables of counts.
pub(crate) async fn up(db: &DatabaseTransaction) -> Result<(), DbErr> {
    let (text, options) = match db.get_database_backend() {
        DbBackend::Sqlite => ("text", " WITHOUT ROWID"),
        // As in all tables, texts compare byte by byte.
        _ => ("text COLLATE \"C\"", ""),
    };
    let create = |(table, key): &(&str, &[(&str, &str)])| {
        let columns: Vec<String> = key.iter().map(|(name, kind)| format!("{name} {kind} NOT NULL, ")).collect();
        let names: Vec<&str> = key.iter().map(|(name, _)| *name).collect();
        format!("CREATE TABLE {table} ({}count bigint NOT NULL, PRIMARY KEY ({})){options}", columns.concat(), names.join(", "))
            .replace(" text ", &format!(" {text} "))
    };
    run(db, TABLES.iter().map(create)).await
}

/// Reverts it.
pub(crate) async fn down(db: &DatabaseTransaction) -> Result<(), DbErr> {
    run(db, TABLES.iter().map(|(table, _)| format!("DROP TABLE {table}"))).await
}

type Columns = &'static [(&'static str, &'static str)];

/// The tables, each with its key columns.
const TABLES: &[(&str, Columns)] = &[
    (
        "message_quarter",
        &[("start", "bigint"), ("platform", "text"), ("channel_id", "text"), ("type_key", "text"), ("outbound", "boolean")],
    ),
    ("message_hour", &[("start", "bigint"), ("platform", "text"), ("outbound", "boolean")]),
    ("message_total", &[("platform", "text"), ("channel_id", "text"), ("type_key", "text"), ("outbound", "boolean")]),
    ("total", &[("name", "text")]),
];
