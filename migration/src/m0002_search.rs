//! The second migration: search indexes that the database maintains itself.
//!
//! On SQLite each is a contentless FTS5 table with the row ids of the searched table. Triggers apply every change in the same
//! transaction. Each text is indexed twice: as sent (`exact`), so that matching accents can rank higher, and folded. Words are
//! deleted from a word index individually, since ranks depend on the total number of words. `message_trigram` finds parts of
//! words; it only narrows a scan, so it has no positions and can delete whole rows.
//!
//! On PostgreSQL each searched table gets two generated columns with its words, separated by blanks: folded (`words`) and with
//! accents (`words_exact`). A trigram index (`pg_trgm`) on the former serves word prefixes, another one parts of messages.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};

use super::{m0002_postgres, statements::run};

/// Creates the search indexes.
pub(crate) async fn up(db: &DatabaseTransaction) -> Result<(), DbErr> {
    match db.get_database_backend() {
        DbBackend::Sqlite => run(db, INDEXES.iter().flat_map(Index::up)).await,
        _ => m0002_postgres::up(db).await,
    }
}

/// Reverts it.
pub(crate) async fn down(db: &DatabaseTransaction) -> Result<(), DbErr> {
    match db.get_database_backend() {
        DbBackend::Sqlite => run(db, INDEXES.iter().flat_map(Index::down)).await,
        _ => m0002_postgres::down(db).await,
    }
}

/// A search index of a table.
struct Index {
    name: &'static str,
    table: &'static str,
    holds: Holds,
    /// The columns of the table whose changes require indexing.
    watched: &'static [&'static str],
    /// Each column of the index with the expression for its text; `row.` stands for the row's columns.
    columns: &'static [(&'static str, &'static str)],
}

#[derive(Clone, Copy)]
enum Holds {
    Words,
    Parts,
}

const INDEXES: &[Index] = &[
    Index {
        name: "customer_search",
        table: "customer",
        holds: Holds::Words,
        watched: &["name", "name_key", "phone", "phone_folded", "phone_key", "email", "email_folded", "note", "note_folded"],
        columns: &[
            ("exact", "concat_ws(char(10), row.name, row.phone, row.email, row.note)"),
            (
                "folded",
                "concat_ws(char(10), row.name_key, coalesce(row.phone_folded, row.phone), coalesce(row.email_folded, row.email), \
                 coalesce(row.note_folded, row.note), row.phone_key, iif(row.phone_key LIKE '84%', '0' || substr(row.phone_key, 3), NULL))",
            ),
        ],
    },
    Index {
        name: "conversation_search",
        table: "conversation",
        holds: Holds::Words,
        watched: &["contact_name", "contact_name_folded"],
        columns: &[("exact", "row.contact_name"), ("folded", "coalesce(row.contact_name_folded, row.contact_name)")],
    },
    Index {
        name: "message_search",
        table: "message",
        holds: Holds::Words,
        watched: &["text", "text_folded"],
        columns: &[("exact", "row.text"), ("folded", "coalesce(row.text_folded, row.text)")],
    },
    Index {
        name: "message_trigram",
        table: "message",
        holds: Holds::Parts,
        watched: &["text", "text_folded"],
        columns: &[("folded", "coalesce(row.text_folded, row.text)")],
    },
    Index {
        name: "ticket_search",
        table: "ticket",
        holds: Holds::Words,
        watched: &["name", "name_folded", "description", "description_folded"],
        columns: &[
            ("exact", "concat_ws(char(10), row.name, row.description)"),
            (
                "folded",
                "concat_ws(char(10), coalesce(row.name_folded, row.name), coalesce(row.description_folded, row.description))",
            ),
        ],
    },
];

impl Index {
    /// The statements that create the index with its triggers and fill it.
    fn up(&self) -> Vec<String> {
        let Self { name, table, .. } = self;
        let columns = self.joined(|(column, _)| (*column).to_owned());
        let texts = |row: &str| self.joined(|(_, text)| text.replace("row.", row));
        let options = match self.holds {
            Holds::Words => "tokenize = \"unicode61 remove_diacritics 0\"",
            Holds::Parts => "contentless_delete = 1, detail = none, tokenize = \"trigram case_sensitive 1\"",
        };
        let enter = format!("INSERT INTO {name}(rowid, {columns}) VALUES (new.row_id, {})", texts("new."));
        let leave = match self.holds {
            Holds::Words => {
                format!("INSERT INTO {name}({name}, rowid, {columns}) VALUES ('delete', old.row_id, {})", texts("old."))
            }
            Holds::Parts => format!("DELETE FROM {name} WHERE rowid = old.row_id"),
        };
        let watched = self.watched.join(", ");
        let (before, after) = (self.watched_of("old."), self.watched_of("new."));
        vec![
            format!("CREATE VIRTUAL TABLE {name} USING fts5({columns}, content = '', {options})"),
            format!("INSERT INTO {name}(rowid, {columns}) SELECT row_id, {} FROM {table}", texts("")),
            format!("CREATE TRIGGER {name}_insert AFTER INSERT ON {table} BEGIN {enter}; END"),
            format!(
                "CREATE TRIGGER {name}_update AFTER UPDATE OF {watched} ON {table} WHEN ({before}) IS NOT ({after}) \
                 BEGIN {leave}; {enter}; END"
            ),
            format!("CREATE TRIGGER {name}_delete AFTER DELETE ON {table} BEGIN {leave}; END"),
        ]
    }

    fn down(&self) -> Vec<String> {
        let Self { name, .. } = self;
        let triggers = ["insert", "update", "delete"].map(|event| format!("DROP TRIGGER {name}_{event}"));
        triggers.into_iter().chain([format!("DROP TABLE {name}")]).collect()
    }

    fn joined(&self, part: impl Fn(&(&str, &str)) -> String) -> String {
        self.columns.iter().map(part).collect::<Vec<_>>().join(", ")
    }

    fn watched_of(&self, row: &str) -> String {
        self.watched.iter().map(|column| format!("{row}{column}")).collect::<Vec<_>>().join(", ")
    }
}
