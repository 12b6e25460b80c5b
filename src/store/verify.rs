//! Verification: folds the log into an empty store and compares every projection with it, row by row.
//!
//! Both versions of a table are read in key order and merged, so a row that is missing on one side is exactly one difference.

use std::{cmp::Ordering, sync::Arc};

use futures_util::{Stream, TryStreamExt};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, Iterable, ModelTrait, Order, PrimaryKeyToColumn, QueryOrder,
    Value,
};

use super::{
    Error, Store,
    bulk::Stored,
    projection::tables::{self, Visitor},
    rebuild::replay,
    scratch::Scratch,
};

/// A row that differs from what folding the log gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// The stored row, if it exists.
    pub stored: Option<String>,
    /// The row that folding gives, if it exists.
    pub folded: Option<String>,
}

/// The result of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// The number of events folded.
    pub events: u64,
    /// The number of rows compared.
    pub rows: u64,
    /// The rows that differ, at most [`Verified::SHOWN`].
    pub differences: Vec<Difference>,
}

impl Verified {
    /// The comparison ends after this many differences.
    pub const SHOWN: usize = 20;
}

impl Store {
    /// Folds the log into a temporary store in `folder` and compares. Calls `progress` with the events done and the
    /// total. Works on a snapshot: later writes are ignored.
    pub async fn verify(&self, folder: &std::path::Path, progress: impl FnMut(u64, u64)) -> Result<Verified, Error> {
        let scratch = Scratch::create(folder, &self.options).await?;
        let log = Arc::new(self.snapshot().await?);
        let db = scratch.begin().await?;
        let events = replay(&log, &db, &self.zone, progress).await?;
        db.commit().await?;
        let expected = scratch.read().await?;
        let mut comparison = Comparison { stored: &log, folded: &expected, verified: Verified { events, ..Verified::default() } };
        tables::visit_all(&mut comparison).await?;
        let verified = comparison.verified;
        expected.close().await?;
        Ok(verified)
    }
}

/// Both stores, and the result so far.
struct Comparison<'a> {
    stored: &'a DatabaseTransaction,
    folded: &'a DatabaseConnection,
    verified: Verified,
}

impl Visitor for Comparison<'_> {
    async fn visit<E: Stored>(&mut self) -> Result<(), Error> {
        let table = E::default().table_name();
        let mut stored = std::pin::pin!(in_key_order::<E>().stream(self.stored).await?);
        let mut folded = std::pin::pin!(in_key_order::<E>().stream(self.folded).await?);
        let (mut here, mut there) = (stored.try_next().await?, folded.try_next().await?);
        while self.verified.differences.len() < Verified::SHOWN {
            let side = match (&here, &there) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(here), Some(there)) => key_order::<E>(here, there),
            };
            let row = if side.is_le() { advance(&mut here, &mut stored).await? } else { None };
            let expected = if side.is_ge() { advance(&mut there, &mut folded).await? } else { None };
            self.verified.rows += 1;
            if row != expected {
                let text = |row: Option<E::Model>| row.map(|row| format!("{row:?}"));
                self.verified.differences.push(Difference { table, stored: text(row), folded: text(expected) });
            }
        }
        Ok(())
    }
}

/// Returns the current row and reads the next one.
async fn advance<M>(row: &mut Option<M>, rows: &mut (impl Stream<Item = Result<M, DbErr>> + Unpin)) -> Result<Option<M>, Error> {
    Ok(std::mem::replace(row, rows.try_next().await?))
}

fn in_key_order<E: EntityTrait>() -> sea_orm::Select<E> {
    E::PrimaryKey::iter().fold(E::find(), |select, key| select.order_by(key.into_column(), Order::Asc))
}

/// Compares the keys of two rows as the database does: numbers by value, texts bytewise, false before true.
fn key_order<E: EntityTrait>(one: &E::Model, other: &E::Model) -> Ordering {
    let part = |row: &E::Model, key: E::PrimaryKey| row.get(key.into_column());
    let by_part = |key: E::PrimaryKey| match (part(one, key), part(other, key)) {
        (Value::String(one), Value::String(other)) => one.cmp(&other),
        (Value::BigInt(one), Value::BigInt(other)) => one.cmp(&other),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(&other),
        (one, other) => unreachable!("keys are texts, numbers and booleans, not {one:?} and {other:?}"),
    };
    E::PrimaryKey::iter().map(by_part).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
