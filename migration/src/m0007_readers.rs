//! The seventh migration: fewer rows for each message.
//!
//! The readers of a message move into a column of the message. The first event about a message is only recorded in the message
//! (`event_seq`); `event_subject` keeps the later ones. Changes are looked up by event only to find the change that announces the
//! event, so the index has only these. Repeated rejected deliveries are found by their id. Projections have to be rebuilt
//! afterwards.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};

use super::statements::run;

/// Applies it.
pub(crate) async fn up(db: &DatabaseTransaction) -> Result<(), DbErr> {
    let text = text(db);
    let statements = [
        format!("ALTER TABLE message ADD COLUMN read_by {text}"),
        "DROP TABLE read_by".to_owned(),
        "DELETE FROM event_subject WHERE subject_type = 'message' AND seq = \
         (SELECT MIN(same.seq) FROM event_subject AS same \
          WHERE same.subject_type = 'message' AND same.subject_id = event_subject.subject_id)"
            .to_owned(),
        "DROP INDEX change_seq".to_owned(),
        "CREATE INDEX change_event_seq ON change (seq) WHERE subject_type = 'event'".to_owned(),
        "CREATE INDEX rejected_delivery_delivery_id ON rejected_delivery (delivery_id)".to_owned(),
    ];
    run(db, statements.into_iter()).await
}

/// Reverts it. Projections have to be rebuilt afterwards.
pub(crate) async fn down(db: &DatabaseTransaction) -> Result<(), DbErr> {
    let text = text(db);
    let statements = [
        "DROP INDEX rejected_delivery_delivery_id".to_owned(),
        "DROP INDEX change_event_seq".to_owned(),
        "CREATE INDEX change_seq ON change (seq)".to_owned(),
        "INSERT INTO event_subject (subject_type, subject_id, seq) SELECT 'message', key, event_seq FROM message".to_owned(),
        format!(
            "CREATE TABLE read_by (message_key {text} NOT NULL, staff_id {text} NOT NULL, PRIMARY KEY (message_key, staff_id))"
        ),
        "ALTER TABLE message DROP COLUMN read_by".to_owned(),
    ];
    run(db, statements.into_iter()).await
}

/// The type of text columns. Texts compare byte by byte in all tables.
fn text(db: &DatabaseTransaction) -> &'static str {
    match db.get_database_backend() {
        DbBackend::Sqlite => "text",
        _ => "text COLLATE \"C\"",
    }
}
