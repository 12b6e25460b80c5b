//! SQLite's search indexes and their tail: rows that are not indexed yet.
//!
//! A row that is new or whose texts changed is first stored in the table `search_tail` with its words. Adding rows to an FTS5
//! table a few at a time costs ten times as much as adding thousands, so [`index`] moves many at a time. Searches read the index
//! and the tail: a row is in exactly one of the two, since each step happens in a transaction.

use rusqlite::{Connection, params};

use super::{Searched, row::SearchedRow};

type Result<T> = std::result::Result<T, rusqlite::Error>;

/// The name of the index of a type's words.
pub(super) fn index_of_words(searched: Searched) -> &'static str {
    match searched {
        Searched::Customer => "customer_words",
        Searched::Conversation => "conversation_words",
        Searched::Message => "message_words",
        Searched::Ticket => "ticket_words",
    }
}

/// The name of the index of message parts.
pub(super) const INDEX_OF_PARTS: &str = "message_parts";

/// The words to store for a row in the tail; `None` if it has no text.
pub(in crate::store) fn waiting_words<E: SearchedRow>(row: &E::Model) -> Option<String> {
    let words = E::words(row);
    (!words.is_empty() || E::parts(row).is_some_and(|parts| !parts.is_empty())).then_some(words)
}

/// Adds a row to the tail.
pub(in crate::store) fn wait<E: SearchedRow>(db: &Connection, row_id: i64, words: &str) -> Result<()> {
    let mut insert = db.prepare_cached("INSERT INTO search_tail (type, row_id, words) VALUES (?1, ?2, ?3)")?;
    insert.execute(params![E::SEARCHED as u8, row_id, words])?;
    Ok(())
}

/// Moves a row to the tail if its texts changed.
pub(in crate::store) fn change<E: SearchedRow>(db: &Connection, before: &E::Model, now: &E::Model) -> Result<()> {
    if E::words(before) == E::words(now) && E::parts(before) == E::parts(now) {
        return Ok(());
    }
    let row_id = row_id::<E>(db, E::id(now))?;
    leave::<E>(db, row_id, before)?;
    waiting_words::<E>(now).map_or(Ok(()), |words| wait::<E>(db, row_id, &words))
}

/// Removes a row that is about to be deleted.
pub(in crate::store) fn remove<E: SearchedRow>(db: &Connection, row: &E::Model) -> Result<()> {
    leave::<E>(db, row_id::<E>(db, E::id(row))?, row)
}

/// Removes all rows.
pub(in crate::store) fn clear(db: &Connection) -> Result<()> {
    for index in Searched::ALL.map(index_of_words).into_iter().chain([INDEX_OF_PARTS]) {
        db.execute(&format!("INSERT INTO {index} ({index}) VALUES ('delete-all')"), [])?;
    }
    db.execute("DELETE FROM search_tail", [])?;
    Ok(())
}

/// The number of rows in the tail, counted up to a bound.
pub(in crate::store) fn waiting(db: &Connection, bound: u32) -> Result<u32> {
    let mut count = db.prepare_cached("SELECT count(*) FROM (SELECT 1 FROM search_tail LIMIT ?1)")?;
    count.query_row([bound], |row| row.get(0))
}

/// Moves the rows of the tail to the indexes.
pub(in crate::store) fn index(db: &Connection) -> Result<()> {
    for searched in Searched::ALL {
        let (index, place) = (index_of_words(searched), searched as u8);
        let add =
            format!("INSERT INTO {index} (rowid, words) SELECT row_id, words FROM search_tail WHERE type = ?1 AND words <> ''");
        db.prepare_cached(&add)?.execute([place])?;
        if searched == Searched::Message {
            let add = format!(
                "INSERT INTO {INDEX_OF_PARTS} (rowid, parts) \
                 SELECT message.row_id, coalesce(text_folded, text) FROM search_tail CROSS JOIN message USING (row_id) \
                 WHERE type = ?1 AND coalesce(text_folded, text) <> ''"
            );
            db.prepare_cached(&add)?.execute([place])?;
        }
    }
    db.prepare_cached("DELETE FROM search_tail")?.execute([])?;
    Ok(())
}

fn row_id<E: SearchedRow>(db: &Connection, id: &str) -> Result<i64> {
    let (table, key, _) = super::table(E::SEARCHED);
    db.prepare_cached(&format!("SELECT row_id FROM {table} WHERE {key} = ?1"))?.query_row([id], |row| row.get(0))
}

/// Removes a row from the tail or, if it is not there, from the indexes. The indexes store no copy of its texts, so the delete
/// must supply them.
fn leave<E: SearchedRow>(db: &Connection, row_id: i64, row: &E::Model) -> Result<()> {
    let mut delete = db.prepare_cached("DELETE FROM search_tail WHERE type = ?1 AND row_id = ?2")?;
    if delete.execute(params![E::SEARCHED as u8, row_id])? > 0 {
        return Ok(());
    }
    let take_out = |index: &str, column: &str, text: &str| {
        let sql = format!("INSERT INTO {index} ({index}, rowid, {column}) VALUES ('delete', ?1, ?2)");
        db.prepare_cached(&sql)?.execute(params![row_id, text])
    };
    let words = E::words(row);
    if !words.is_empty() {
        take_out(index_of_words(E::SEARCHED), "words", &words)?;
    }
    if let Some(parts) = E::parts(row).filter(|parts| !parts.is_empty()) {
        take_out(INDEX_OF_PARTS, "parts", parts)?;
    }
    Ok(())
}
