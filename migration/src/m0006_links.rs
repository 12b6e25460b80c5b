//! The sixth migration: the customers before and after, of changes of nothing but a link. Earlier changes have none.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};

use super::statements::run;

/// The added columns.
const COLUMNS: [&str; 2] = ["link_before", "link_after"];

/// Adds the columns.
pub(crate) async fn up(db: &DatabaseTransaction) -> Result<(), DbErr> {
    let text = match db.get_database_backend() {
        DbBackend::Sqlite => "text",
        // As in all tables, texts compare byte by byte.
        _ => "text COLLATE \"C\"",
    };
    run(db, COLUMNS.iter().map(|column| format!("ALTER TABLE change ADD COLUMN {column} {text}"))).await
}

/// Reverts it.
pub(crate) async fn down(db: &DatabaseTransaction) -> Result<(), DbErr> {
    run(db, COLUMNS.iter().map(|column| format!("ALTER TABLE change DROP COLUMN {column}"))).await
}
