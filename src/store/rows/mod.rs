//! Converts rows to domain values and back, with one file per table family. Only these files know the columns.

mod conversation;
mod customer;
mod message;
mod ticket;

pub(super) use conversation::{conversation, conversation_row, conversation_state};
pub(super) use customer::{
    custom_field_row, customer, customer_row, customer_state, social_account, social_account_row, status, status_row,
};
pub(super) use message::{message, message_row, message_state};
pub(super) use ticket::{ticket, ticket_row, ticket_state};

use std::collections::BTreeSet;

use entity::{change, staff};
use serde_json::Value;

use super::Error;
use crate::domain::{
    change::{Change, ChangeKind, Relinked, SubjectType},
    staff as folded, text,
    time::Timestamp,
    version::{Lifecycle, Version},
};

/// Parses JSON that this program wrote; fails if the row is damaged.
pub(super) fn json(table: &'static str, id: &str, text: &str) -> Result<Value, Error> {
    serde_json::from_str(text).map_err(|error| Error::damaged(table, id, error))
}

fn json_list(table: &'static str, id: &str, text: Option<&str>) -> Result<Vec<Value>, Error> {
    match text.map(|text| json(table, id, text)).transpose()? {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(Error::damaged(table, id, "attachments are not a list")),
    }
}

/// A set of ids, stored as a JSON array.
fn ids(table: &'static str, id: &str, text: Option<&str>) -> Result<BTreeSet<String>, Error> {
    text.map_or(Ok(BTreeSet::new()), |text| serde_json::from_str(text).map_err(|error| Error::damaged(table, id, error)))
}

fn ids_text(ids: &BTreeSet<String>) -> Option<String> {
    (!ids.is_empty()).then(|| serde_json::to_string(ids).expect("ids are plain data"))
}

fn list_text(items: &[Value]) -> Option<String> {
    (!items.is_empty()).then(|| Value::from(items.to_vec()).to_string())
}

pub(super) fn time(ms: Option<i64>) -> Option<Timestamp> {
    ms.map(Timestamp::clamped)
}

pub(super) fn millis(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_millis)
}

/// A text case-folded, for the columns that lists are sorted by.
fn key(text: Option<&String>) -> Option<String> {
    text.map(|text| text::fold(text))
}

/// A text case-folded, or `None` if it equals the original: most ids and words need no second copy.
fn folded(text: Option<&String>) -> Option<String> {
    key(text).filter(|folded| Some(folded) != text)
}

fn version(at: Option<i64>, rank: Option<i64>, received_at: Option<i64>) -> Option<Version> {
    Some(Version { at: time(at)?, rank: rank.and_then(|rank| u8::try_from(rank).ok())?, received_at: time(received_at)? })
}

/// The columns that customers and tickets share.
struct LifecycleColumns {
    deleted_at: Option<i64>,
    version_at: Option<i64>,
    version_rank: Option<i64>,
    version_received_at: Option<i64>,
    dated_at: Option<i64>,
    last_deleted_at: Option<i64>,
}

impl From<Lifecycle> for LifecycleColumns {
    fn from(lifecycle: Lifecycle) -> Self {
        Self {
            deleted_at: millis(lifecycle.deleted_at()),
            version_at: lifecycle.version.map(|version| version.at.as_millis()),
            version_rank: lifecycle.version.map(|version| i64::from(version.rank)),
            version_received_at: lifecycle.version.map(|version| version.received_at.as_millis()),
            dated_at: millis(lifecycle.dated_at),
            last_deleted_at: millis(lifecycle.last_deleted_at),
        }
    }
}

pub(super) fn staff(row: staff::Model) -> folded::Staff {
    folded::Staff { id: row.id, name: row.name }
}

pub(super) fn staff_state(row: staff::Model) -> folded::State {
    folded::State { named: version(row.named_at, row.named_rank, row.named_received_at), shown: staff(row) }
}

pub(super) fn staff_row(state: &folded::State) -> staff::Model {
    staff::Model {
        id: state.shown.id.clone(),
        name: state.shown.name.clone(),
        name_key: key(state.shown.name.as_ref()),
        named_at: state.named.map(|version| version.at.as_millis()),
        named_rank: state.named.map(|version| i64::from(version.rank)),
        named_received_at: state.named.map(|version| version.received_at.as_millis()),
    }
}

pub(super) fn change(row: change::Model) -> Result<Change, Error> {
    let id = || row.position.to_string();
    Ok(Change {
        position: row.position,
        seq: row.seq,
        subject_type: SubjectType::parse(&row.subject_type)
            .ok_or_else(|| Error::damaged("change", id(), format!("unknown type `{}`", row.subject_type)))?,
        kind: ChangeKind::parse(&row.kind)
            .ok_or_else(|| Error::damaged("change", id(), format!("unknown kind `{}`", row.kind)))?,
        subject_id: row.subject_id,
        relinked: Relinked::between(row.link_before, row.link_after),
    })
}
