//! The secondary indexes of projections on SQLite, which bulk work drops first and creates at its end: a row that is added to an
//! index touches a page somewhere in it, and creating the index sorts instead.
//!
//! Both happen in one transaction, so others always see all indexes. Indexes that folding itself needs stay, and so do unique ones.

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};

use super::{Error, projection::tables::projection_tables, write::Transaction};

/// The indexes by which `projection` finds rows. Those that only its keys need are unique, and thus never dropped.
const OF_FOLDING: [&str; 9] = [
    "conversation_contact_id",
    "conversation_contact_key",
    "conversation_customer_id_last_message_at_id",
    "customer_email_key",
    "customer_phone_key",
    "message_conversation_id_sent_at_key_outbound",
    "social_account_source_id",
    "ticket_alias_ticket_id",
    "ticket_customer_id_created_at_id",
];

/// Drops the indexes that folding does not need. Returns the SQL that creates them.
pub(super) async fn drop_unneeded(db: &Transaction) -> Result<Vec<String>, Error> {
    let mut dropped = Vec::new();
    for row in db.query(&secondary()).await?.iter() {
        let Some((name, sql)) = row.text(0).zip(row.text(1)) else { continue };
        if !OF_FOLDING.contains(&name) {
            db.run_on_sqlite(&format!("DROP INDEX \"{name}\""))?;
            dropped.push(sql.to_owned());
        }
    }
    Ok(dropped)
}

/// Creates dropped indexes again. It sorts in a file, since an index may not fit into memory.
pub(super) fn create(db: &Transaction, dropped: &[String]) -> Result<(), Error> {
    if dropped.is_empty() {
        return Ok(());
    }
    db.run_on_sqlite("PRAGMA temp_store = file")?;
    dropped.iter().try_for_each(|sql| db.run_on_sqlite(sql))?;
    db.run_on_sqlite("PRAGMA temp_store = memory")
}

/// The names and the SQL of all indexes of projections that are not unique, oldest first.
fn secondary() -> SelectStatement {
    let column = |name: &'static str| Expr::col(Alias::new(name));
    let mut select = Query::select();
    // Those of keys and unique columns have no SQL.
    select
        .columns(["name", "sql"].map(Alias::new))
        .from(Alias::new("sqlite_schema"))
        .and_where(column("type").eq("index"))
        .and_where(column("tbl_name").is_in(projection_tables()))
        .and_where(column("sql").is_not_null())
        .order_by(Alias::new("rowid"), sea_orm::Order::Asc);
    select
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rusqlite::Connection;

    use crate::{
        domain::zone::Zone,
        store::{Options, Outdated, scratch::Scratch},
    };

    /// What folding looks rows up by: every condition in `projection`, except on the log.
    const LOOK_UPS: [(&str, &str); 19] = [
        ("assignee", "conversation_id"),
        ("conversation", "contact_id"),
        ("conversation", "contact_key"),
        ("conversation", "customer_id"),
        ("conversation", "id"),
        ("custom_field", "customer_id"),
        ("customer", "email_key"),
        ("customer", "id"),
        ("customer", "phone_key"),
        ("customer_status", "customer_id"),
        ("message", "conversation_id"),
        ("message", "key"),
        ("social_account", "customer_id"),
        ("social_account", "source_id"),
        ("staff", "id"),
        ("ticket", "customer_id"),
        ("ticket", "id"),
        ("ticket_alias", "id"),
        ("ticket_alias", "ticket_id"),
    ];

    #[tokio::test]
    async fn folding_finds_every_row_by_an_index_that_is_not_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let time = Duration::from_secs(10);
        let options = Options {
            url: String::new(),
            zone: Zone::UTC,
            readers: 1,
            statement_time: time,
            busy_timeout: time,
            acquire_timeout: time,
            search_matches: 1,
            outdated: Outdated::default(),
        };
        let scratch = Scratch::create(folder.path(), &options).await.unwrap();
        scratch.read().await.unwrap().close().await.unwrap();
        let db = Connection::open(folder.path().join("scratch.db")).unwrap();
        for (table, column) in LOOK_UPS {
            let explain = format!("EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE {column} = 'x'");
            let plan: String = db.query_row(&explain, [], |row| row.get("detail")).unwrap();
            assert!(plan.starts_with("SEARCH"), "{table}.{column}: {plan}");
        }
        let lists =
            "SELECT count(*) FROM sqlite_schema WHERE name IN ('message_sent_at_key', 'conversation_is_closed_started_at_id')";
        assert_eq!(db.query_row(lists, [], |row| row.get::<_, i64>(0)).unwrap(), 0, "indexes of lists are dropped");
    }
}
