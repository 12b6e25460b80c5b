//! Uses SQLite's own driver: prepares connections, binds values and reads rows.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, Statement, config::DbConfig, types::ValueRef};
use sea_orm::Value;

use super::cells::Rows;

/// The number of prepared statements that a connection caches.
const STATEMENTS: usize = 256;

/// Opens a file with the settings of every connection to it (see also `connect::prepared`).
pub(super) fn open(file: &Path, flags: OpenFlags, busy: Duration) -> Result<Connection, rusqlite::Error> {
    // Each connection has one user at a time, so SQLite needs no locks of its own.
    let db = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(busy)?;
    for (name, value) in [("mmap_size", 2_147_418_112_i64), ("cache_size", -65536), ("temp_store", 2), ("foreign_keys", 0)] {
        db.pragma_update(None, name, value)?;
    }
    // Otherwise a statement with a range of bound values would be prepared again for each set of values.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(db)
}

/// All rows of a statement.
pub(super) fn query(db: &Connection, sql: &str, values: &[Value]) -> Result<Rows, rusqlite::Error> {
    let mut statement = db.prepare_cached(sql)?;
    bind_all(&mut statement, values)?;
    let width = statement.column_count();
    let mut found = Rows::new(width);
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        for at in 0..width {
            match row.get_ref(at)? {
                ValueRef::Null | ValueRef::Blob(_) => found.push_int(None),
                ValueRef::Integer(value) => found.push_int(Some(value)),
                ValueRef::Real(value) => found.push_real(Some(value)),
                ValueRef::Text(text) => match std::str::from_utf8(text) {
                    Ok(text) => found.push_text(Some(text)),
                    Err(_) => found.push_text(Some(&String::from_utf8_lossy(text))),
                },
            }
        }
    }
    Ok(found)
}

/// Runs a statement that returns no rows.
pub(super) fn execute(db: &Connection, sql: &str, values: &[Value]) -> Result<(), rusqlite::Error> {
    let mut statement = db.prepare_cached(sql)?;
    bind_all(&mut statement, values)?;
    statement.raw_execute()?;
    Ok(())
}

fn bind_all(statement: &mut Statement<'_>, values: &[Value]) -> Result<(), rusqlite::Error> {
    values.iter().enumerate().try_for_each(|(at, value)| bind(statement, at + 1, value))
}

/// Binds a value to a parameter. Parameters are numbered from 1.
pub(super) fn bind(statement: &mut Statement<'_>, at: usize, value: &Value) -> Result<(), rusqlite::Error> {
    match value {
        Value::Bool(value) => statement.raw_bind_parameter(at, value),
        Value::Int(value) => statement.raw_bind_parameter(at, value),
        Value::BigInt(value) => statement.raw_bind_parameter(at, value),
        // Limits of pages, bound as sea-orm does for SQLite.
        Value::BigUnsigned(value) => statement.raw_bind_parameter(at, value.and_then(|value| i64::try_from(value).ok())),
        Value::Unsigned(value) => statement.raw_bind_parameter(at, value),
        Value::Double(value) => statement.raw_bind_parameter(at, value),
        Value::String(value) => statement.raw_bind_parameter(at, value.as_deref()),
        other => Err(rusqlite::Error::ToSqlConversionFailure(format!("no form for {other:?}").into())),
    }
}
