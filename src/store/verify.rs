//! Verifying: folding the log into an empty store beside this one and comparing every projection, row by row. Both sides of
//! a table are read in key order and merged, so that a row that is missing on one side is one difference and no more.

use std::{cmp::Ordering, fmt::Debug};

use entity::{
    assignee, conversation, custom_field, customer, customer_status, message, read_by, social_account, staff, ticket,
    ticket_alias,
};
use futures_util::{Stream, TryStreamExt};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, Iterable, ModelTrait, Order, PrimaryKeyToColumn, QueryOrder,
    Value,
};

use super::{Error, Options, Store};

/// A row that is not what the log folds to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// The row as it is stored, if it is.
    pub stored: Option<String>,
    /// The row as the log says, if it has one.
    pub folded: Option<String>,
}

/// What verifying found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Events folded.
    pub events: u64,
    /// Rows compared.
    pub rows: u64,
    /// Rows that differ, at most [`Verified::SHOWN`] of them.
    pub differences: Vec<Difference>,
}

impl Verified {
    /// Differences kept; more are not looked for.
    pub const SHOWN: usize = 20;
}

impl Store {
    /// Folds the log into a temporary store in `folder` and compares. Calls `progress` with the events done and the events
    /// in all. What is written meanwhile is not looked at.
    pub async fn verify(&self, folder: &std::path::Path, progress: impl FnMut(u64, u64)) -> Result<Verified, Error> {
        let url = format!("sqlite://{}?mode=rwc", folder.join("verify.db").display());
        let other = Self::open(&Options { url, ..(*self.options).clone() }).await?;
        let log = self.snapshot().await?;
        let events = self.replay_into(&log, &other, progress).await?;
        let mut comparison =
            Comparison { stored: &log, folded: &other.upkeep, verified: Verified { events, ..Verified::default() } };
        comparison.compare::<assignee::Entity>("assignee").await?;
        comparison.compare::<conversation::Entity>("conversation").await?;
        comparison.compare::<custom_field::Entity>("custom_field").await?;
        comparison.compare::<customer::Entity>("customer").await?;
        comparison.compare::<customer_status::Entity>("customer_status").await?;
        comparison.compare::<message::Entity>("message").await?;
        comparison.compare::<read_by::Entity>("read_by").await?;
        comparison.compare::<social_account::Entity>("social_account").await?;
        comparison.compare::<staff::Entity>("staff").await?;
        comparison.compare::<ticket::Entity>("ticket").await?;
        comparison.compare::<ticket_alias::Entity>("ticket_alias").await?;
        let verified = comparison.verified;
        log.commit().await?;
        other.close().await?;
        Ok(verified)
    }
}

/// The two sides, and what was found so far.
struct Comparison<'a> {
    stored: &'a DatabaseTransaction,
    folded: &'a DatabaseConnection,
    verified: Verified,
}

impl Comparison<'_> {
    async fn compare<E>(&mut self, table: &'static str) -> Result<(), Error>
    where
        E: EntityTrait,
        E::Model: PartialEq + Debug,
    {
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
            let says = if side.is_ge() { advance(&mut there, &mut folded).await? } else { None };
            self.verified.rows += 1;
            if row != says {
                let text = |row: Option<E::Model>| row.map(|row| format!("{row:?}"));
                self.verified.differences.push(Difference { table, stored: text(row), folded: text(says) });
            }
        }
        Ok(())
    }
}

/// The row that was read last, with the next one read in its place.
async fn advance<M>(row: &mut Option<M>, rows: &mut (impl Stream<Item = Result<M, DbErr>> + Unpin)) -> Result<Option<M>, Error> {
    Ok(std::mem::replace(row, rows.try_next().await?))
}

fn in_key_order<E: EntityTrait>() -> sea_orm::Select<E> {
    E::PrimaryKey::iter().fold(E::find(), |select, key| select.order_by(key.into_column(), Order::Asc))
}

/// How the keys of two rows compare in the database: numbers by value, texts byte by byte.
fn key_order<E: EntityTrait>(one: &E::Model, other: &E::Model) -> Ordering {
    let part = |row: &E::Model, key: E::PrimaryKey| row.get(key.into_column());
    let by_part = |key: E::PrimaryKey| match (part(one, key), part(other, key)) {
        (Value::String(one), Value::String(other)) => one.cmp(&other),
        (Value::BigInt(one), Value::BigInt(other)) => one.cmp(&other),
        (one, other) => unreachable!("keys are texts and numbers, not {one:?} and {other:?}"),
    };
    E::PrimaryKey::iter().map(by_part).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
