//! The limit on SQLite: each worker thread of the runtime has its own connection and runs a request's statements directly, so
//! that no request changes threads.

use std::sync::OnceLock;

use deskgraph::{domain::page::SortValue, domain::text::fold};
use rusqlite::{CachedStatement, Connection, OpenFlags, Params, Row, params};

use crate::{
    cases::Case,
    json::{Cells, Counts, Json, LINKS, MESSAGE, PAGE, Page},
    nested::{self, Nested},
    server::Variables,
};

static FILE: OnceLock<String> = OnceLock::new();

thread_local! {
    static CONNECTION: Connection = open();
}

/// Sets the file to read.
pub(crate) fn read_from(url: &str) {
    let file = url.strip_prefix("sqlite://").unwrap().split('?').next().unwrap();
    FILE.set(file.to_owned()).unwrap();
}

fn open() -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(FILE.get().unwrap(), flags).unwrap();
    // With the same options as the gateway.
    for (name, value) in [("mmap_size", 2_147_418_112), ("cache_size", -65536), ("temp_store", 2)] {
        db.pragma_update(None, name, value).unwrap();
    }
    db.set_prepared_statement_cache_capacity(32);
    db
}

impl Cells for Row<'_> {
    fn text(&self, at: usize) -> Option<&str> {
        self.get_ref_unwrap(at).as_str_or_null().unwrap()
    }

    fn number(&self, at: usize) -> Option<i64> {
        self.get_ref_unwrap(at).as_i64_or_null().unwrap()
    }

    fn flag(&self, at: usize) -> bool {
        self.number(at) == Some(1)
    }
}

/// Answers a query.
pub(crate) fn answer(case: Case, variables: &Variables<'_>) -> Vec<u8> {
    CONNECTION.with(|db| match case {
        Case::ById => by_id(db, variables),
        Case::Newest => newest(db, variables, false),
        Case::Linked => newest(db, variables, true),
        Case::Nested => nested(db, variables),
        Case::Deep => deep(db, variables),
        Case::Counts => counts(db, variables),
        Case::Contains => contains(db, variables),
    })
}

fn by_id(db: &Connection, variables: &Variables<'_>) -> Vec<u8> {
    let mut statement = prepared(db, &format!("SELECT {MESSAGE} FROM message m WHERE m.key = ?1"));
    let mut json = Json::new();
    json.raw(r#"{"data":{"message":"#);
    let mut found = false;
    each(&mut statement, [variables.key()], |row| {
        json.message(row).raw("}");
        found = true;
    });
    json.raw(if found { "}}" } else { "null}}" });
    json.0
}

fn newest(db: &Connection, variables: &Variables<'_>, linked: bool) -> Vec<u8> {
    const LIST: &str =
        "WHERE m.platform = ?1 AND m.sent_at >= ?2 AND m.sent_at < ?3 ORDER BY m.sent_at DESC, m.key DESC LIMIT 51";
    const CUSTOMERS: &str = "LEFT JOIN customer c ON c.id = m.customer_id AND c.version_at IS NOT NULL";
    let mut statement = if linked {
        prepared(db, &format!("SELECT {MESSAGE}, {LINKS} FROM message m {CUSTOMERS} {LIST}"))
    } else {
        prepared(db, &format!("SELECT {MESSAGE} FROM message m {LIST}"))
    };
    page(&mut statement, params![variables.platform_key(), variables.sent_from(), variables.sent_until()], linked)
}

fn deep(db: &Connection, variables: &Variables<'_>) -> Vec<u8> {
    let sql = format!(
        "SELECT {MESSAGE} FROM message m WHERE (m.sent_at, m.key) < (?1, ?2) ORDER BY m.sent_at DESC, m.key DESC LIMIT 51"
    );
    let cursor = variables.cursor();
    let SortValue::Int(at) = cursor.value else { panic!("an instant") };
    page(&mut prepared(db, &sql), params![at, cursor.id], false)
}

fn contains(db: &Connection, variables: &Variables<'_>) -> Vec<u8> {
    let needle = fold(variables.needle.unwrap());
    let letters: Vec<char> = needle.chars().collect();
    // The index has no positions, so it finds rows with the parts, and each of them is checked for the whole text.
    let parts: Vec<String> = letters.windows(3).map(|part| format!("\"{}\"", part.iter().collect::<String>())).collect();
    let sql = format!(
        "SELECT {MESSAGE} FROM message m WHERE m.row_id IN (
           SELECT row_id FROM message
           WHERE row_id IN (SELECT rowid FROM message_parts WHERE message_parts MATCH ?1)
             AND instr(coalesce(text_folded, text), ?2) > 0
           ORDER BY sent_at DESC, key DESC LIMIT {}
         ) ORDER BY m.sent_at DESC, m.key DESC",
        PAGE + 1
    );
    page(&mut prepared(db, &sql), params![parts.join(" AND "), needle], false)
}

fn counts(db: &Connection, variables: &Variables<'_>) -> Vec<u8> {
    // The platforms are found by a loose index scan, and each is counted in the index.
    let sql = "WITH RECURSIVE platforms(platform) AS (
           SELECT min(platform) FROM message
           UNION ALL
           SELECT (SELECT min(platform) FROM message m WHERE m.platform > platforms.platform) FROM platforms
           WHERE platforms.platform IS NOT NULL
         )
         SELECT platform, (
           SELECT count(*) FROM message m WHERE m.platform = platforms.platform AND m.sent_at >= ?1 AND m.sent_at < ?2
         ) FROM platforms WHERE platform IS NOT NULL";
    let mut counts = Counts::default();
    each(&mut prepared(db, sql), [variables.sent_from(), variables.sent_until()], |row| counts.row(row));
    counts.end()
}

fn nested(db: &Connection, variables: &Variables<'_>) -> Vec<u8> {
    let (customer, conversation, message) = (nested::CUSTOMER, nested::CONVERSATION, nested::MESSAGE);
    let customers = format!(
        "SELECT {customer} FROM customer c
         WHERE c.version_at IS NOT NULL AND c.deleted_at IS NULL AND (c.created_at, c.id) < (?1, ?2)
         ORDER BY c.created_at DESC, c.id DESC LIMIT 20"
    );
    let conversations = format!(
        "SELECT {conversation} FROM conversation v WHERE v.customer_id = ?1 ORDER BY v.last_message_at DESC, v.id DESC LIMIT 5"
    );
    let messages =
        format!("SELECT {message} FROM message m WHERE m.conversation_id = ?1 ORDER BY m.sent_at DESC, m.key DESC LIMIT 10");
    let cursor = variables.cursor();
    let SortValue::Int(at) = cursor.value else { panic!("an instant") };
    let mut written = Nested::new();
    // One state of the store.
    prepared(db, "BEGIN").execute([]).unwrap();
    let (mut conversations, mut messages) = (prepared(db, &conversations), prepared(db, &messages));
    each(&mut prepared(db, &customers), params![at, cursor.id], |customer| {
        written.customer(customer);
        each(&mut conversations, [customer.text(0)], |conversation| {
            written.conversation(conversation, 0);
            each(&mut messages, [conversation.text(0)], |message| written.message(message, 0));
        });
    });
    prepared(db, "COMMIT").execute([]).unwrap();
    written.end()
}

fn prepared<'db>(db: &'db Connection, sql: &str) -> CachedStatement<'db> {
    db.prepare_cached(sql).unwrap()
}

fn page(statement: &mut CachedStatement<'_>, bound: impl Params, linked: bool) -> Vec<u8> {
    let mut page = Page::new(linked);
    each(statement, bound, |row| page.row(row));
    page.end()
}

fn each(statement: &mut CachedStatement<'_>, bound: impl Params, mut take: impl FnMut(&Row<'_>)) {
    let mut rows = statement.query(bound).unwrap();
    while let Some(row) = rows.next().unwrap() {
        take(row);
    }
}
