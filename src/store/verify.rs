//! Verifying: folding the log into an empty store beside this one and comparing every projection, row by row.

use std::fmt::Debug;

use entity::{
    assignee, conversation, custom_field, customer, customer_status, message, read_by, social_account, staff, ticket,
    ticket_alias,
};
use sea_orm::{EntityTrait, Iterable, Order, PrimaryKeyToColumn, QueryOrder, QuerySelect};

use super::{Error, Options, Store};

/// Rows compared at a time.
const BATCH: u64 = 1000;

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
    /// in all. Nothing may be written meanwhile, else the newest rows differ.
    pub async fn verify(&self, folder: &std::path::Path, progress: impl FnMut(u64, u64)) -> Result<Verified, Error> {
        let url = format!("sqlite://{}?mode=rwc", folder.join("verify.db").display());
        let other = Self::open(&Options { zone: self.zone, ..Options::new(url) }).await?;
        let events = self.replay_into(&other, progress).await?;
        let mut verified = Verified { events, ..Verified::default() };
        self.compare::<assignee::Entity>(&other, "assignee", &mut verified).await?;
        self.compare::<conversation::Entity>(&other, "conversation", &mut verified).await?;
        self.compare::<custom_field::Entity>(&other, "custom_field", &mut verified).await?;
        self.compare::<customer::Entity>(&other, "customer", &mut verified).await?;
        self.compare::<customer_status::Entity>(&other, "customer_status", &mut verified).await?;
        self.compare::<message::Entity>(&other, "message", &mut verified).await?;
        self.compare::<read_by::Entity>(&other, "read_by", &mut verified).await?;
        self.compare::<social_account::Entity>(&other, "social_account", &mut verified).await?;
        self.compare::<staff::Entity>(&other, "staff", &mut verified).await?;
        self.compare::<ticket::Entity>(&other, "ticket", &mut verified).await?;
        self.compare::<ticket_alias::Entity>(&other, "ticket_alias", &mut verified).await?;
        other.close().await?;
        Ok(verified)
    }

    async fn compare<E>(&self, other: &Self, table: &'static str, verified: &mut Verified) -> Result<(), Error>
    where
        E: EntityTrait,
        E::Model: PartialEq + Debug,
    {
        let page = |offset: u64| {
            let mut select = E::find();
            for key in E::PrimaryKey::iter() {
                select = select.order_by(key.into_column(), Order::Asc);
            }
            select.offset(offset).limit(BATCH)
        };
        let mut offset = 0;
        while verified.differences.len() < Verified::SHOWN {
            let stored = page(offset).all(&self.reader).await?;
            let folded = page(offset).all(&other.reader).await?;
            if stored.is_empty() && folded.is_empty() {
                break;
            }
            let compared = stored.len().max(folded.len());
            for at in 0..compared {
                let (stored, folded) = (stored.get(at), folded.get(at));
                if stored != folded && verified.differences.len() < Verified::SHOWN {
                    let text = |row: Option<&E::Model>| row.map(|row| format!("{row:?}"));
                    verified.differences.push(Difference { table, stored: text(stored), folded: text(folded) });
                }
            }
            verified.rows += compared as u64;
            offset += BATCH;
        }
        Ok(())
    }
}
