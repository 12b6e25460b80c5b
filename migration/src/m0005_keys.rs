//! The fifth migration: the API keys of clients.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};

use super::statements::run;

/// Creates their table.
pub(crate) async fn up(db: &DatabaseTransaction) -> Result<(), DbErr> {
    let text = match db.get_database_backend() {
        DbBackend::Sqlite => "text",
        // As in all tables, texts compare byte by byte.
        _ => "text COLLATE \"C\"",
    };
    let create = format!(
        "CREATE TABLE api_key (id {text} NOT NULL PRIMARY KEY, secret_sha256 {text} NOT NULL, role {text} NOT NULL, name {text}, \
         staff_id {text}, created_at bigint NOT NULL, expires_at bigint, revoked_at bigint, last_used_at bigint)"
    );
    run(db, [create].into_iter()).await
}

/// Reverts it, which deletes all keys.
pub(crate) async fn down(db: &DatabaseTransaction) -> Result<(), DbErr> {
    run(db, ["DROP TABLE api_key".to_owned()].into_iter()).await
}
