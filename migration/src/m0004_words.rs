//! The fourth migration: search indexes that are filled later, and a smaller log.
//!
//! The words of a row are now computed by the program, separated and enclosed by blanks. On SQLite, rows wait in `search_tail`
//! until their words are added to the FTS5 tables in batches; there are no triggers any more. On PostgreSQL the words are a
//! plain column, and one trigram index serves both words and parts of messages.
//!
//! The log drops what is not needed: a digest of 32 digits becomes a hash of 8 bytes without an index, since repeated messages
//! are found among the events about the message, and two unused indexes are dropped. On SQLite, tables that consist only of
//! their key lose their row numbers. Projections have to be rebuilt afterwards.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};

use super::{m0002_search, statements::run};

/// The searched tables.
const SEARCHED: [&str; 4] = ["customer", "conversation", "message", "ticket"];

/// Applies it.
pub(crate) async fn up(db: &DatabaseTransaction) -> Result<(), DbErr> {
    m0002_search::down(db).await?;
    if db.get_database_backend() == DbBackend::Sqlite {
        run(db, sqlite_search().into_iter().chain(sqlite_log())).await
    } else {
        run(db, SEARCHED.iter().flat_map(|table| postgres_search(table)).chain(postgres_log())).await
    }
}

/// Reverts it. The log keeps its new form, which reverting the first migration drops as well.
pub(crate) async fn down(db: &DatabaseTransaction) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Sqlite {
        let words = SEARCHED.iter().map(|table| format!("DROP TABLE {table}_words"));
        run(db, words.chain(["DROP TABLE message_parts".to_owned(), "DROP TABLE search_tail".to_owned()])).await?;
    } else {
        run(db, SEARCHED.iter().map(|table| format!("ALTER TABLE {table} DROP COLUMN words"))).await?;
    }
    m0002_search::up(db).await
}

fn sqlite_search() -> Vec<String> {
    // Words are already in lower case and separated by blanks.
    let words = |table: &&str| {
        format!("CREATE VIRTUAL TABLE {table}_words USING fts5(words, content = '', columnsize = 0, tokenize = ascii)")
    };
    let mut statements: Vec<String> = SEARCHED.iter().map(words).collect();
    statements.extend([
        "CREATE VIRTUAL TABLE message_parts \
         USING fts5(parts, content = '', columnsize = 0, detail = none, tokenize = \"trigram case_sensitive 1\")"
            .to_owned(),
        "CREATE TABLE search_tail (type integer NOT NULL, row_id integer NOT NULL, words text NOT NULL, \
         PRIMARY KEY (type, row_id)) WITHOUT ROWID"
            .to_owned(),
    ]);
    statements
}

fn sqlite_log() -> Vec<String> {
    let keyed = |table: &str, columns: &str, key: &str| {
        let names: Vec<&str> = columns.split(", ").filter_map(|column| column.split(' ').next()).collect();
        let names = names.join(", ");
        [
            format!("CREATE TABLE {table}_next ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID"),
            format!("INSERT INTO {table}_next SELECT {names} FROM {table}"),
            format!("DROP TABLE {table}"),
            format!("ALTER TABLE {table}_next RENAME TO {table}"),
        ]
    };
    // The first 16 digits, read as a number.
    let digit = |at: i32| format!("((instr('0123456789abcdef', substr(message_digest, {at}, 1)) - 1) << {})", 64 - 4 * at);
    let hash = (1..=16).map(digit).collect::<Vec<_>>().join(" | ");
    let mut statements = vec![
        "CREATE TABLE event_next (seq integer NOT NULL PRIMARY KEY, kind text NOT NULL, delivery_id text UNIQUE, \
         message_hash integer, received_at integer NOT NULL, payload text NOT NULL)"
            .to_owned(),
        format!(
            "INSERT INTO event_next SELECT seq, kind, delivery_id, iif(message_digest IS NULL, NULL, {hash}), received_at, payload \
             FROM event"
        ),
        "DROP TABLE event".to_owned(),
        "ALTER TABLE event_next RENAME TO event".to_owned(),
        "CREATE INDEX event_received_at ON event (received_at)".to_owned(),
        "CREATE INDEX event_kind_seq ON event (kind, seq)".to_owned(),
    ];
    statements.extend(keyed(
        "event_subject",
        "subject_type text NOT NULL, subject_id text NOT NULL, seq integer NOT NULL",
        "subject_type, subject_id, seq",
    ));
    statements.extend(keyed("read_by", "message_key text NOT NULL, staff_id text NOT NULL", "message_key, staff_id"));
    statements.extend(keyed(
        "assignee",
        "conversation_id text NOT NULL, staff_id text NOT NULL, position integer NOT NULL",
        "conversation_id, staff_id",
    ));
    statements.push("CREATE INDEX assignee_staff_id_conversation_id ON assignee (staff_id, conversation_id)".to_owned());
    statements.extend(keyed("ticket_alias", "id text NOT NULL, ticket_id text NOT NULL, is_ticket_id boolean NOT NULL", "id"));
    statements.push("CREATE INDEX ticket_alias_ticket_id ON ticket_alias (ticket_id)".to_owned());
    statements
}

fn postgres_search(table: &str) -> [String; 2] {
    [
        format!("ALTER TABLE {table} ADD COLUMN words text COLLATE \"C\" NOT NULL DEFAULT ''"),
        format!("CREATE INDEX {table}_words ON {table} USING gin (words gin_trgm_ops)"),
    ]
}

fn postgres_log() -> Vec<String> {
    [
        "ALTER TABLE event ADD COLUMN message_hash bigint",
        "UPDATE event SET message_hash = ('x' || left(message_digest, 16))::bit(64)::bigint WHERE message_digest IS NOT NULL",
        "ALTER TABLE event DROP COLUMN message_digest",
        "DROP INDEX event_subject_seq",
        "DROP INDEX read_by_staff_id_message_key",
    ]
    .map(str::to_owned)
    .to_vec()
}
