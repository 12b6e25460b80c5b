//! A temporary store, into which events are folded for a comparison. It has only what folding needs: it is not synced, its texts
//! are not searched, and it has no indexes for lists.

use std::path::Path;

use sea_orm::DatabaseConnection;

use super::{
    Error, Options, connect, indexes,
    write::{self, Transaction},
};

/// An empty store in a SQLite file that is thrown away.
pub(super) struct Scratch {
    options: Options,
    writer: write::Connection,
}

impl Scratch {
    /// Creates it in a folder.
    pub(super) async fn create(folder: &Path, options: &Options) -> Result<Self, Error> {
        let url = format!("sqlite://{}?mode=rwc", folder.join("scratch.db").display());
        let options = Options { url, ..options.clone() };
        let migrating = connect::upkeep(&options, 1).await?;
        migration::up(&migrating).await?;
        migrating.close().await?;
        let writer = write::Connection::open_scratch(&options)?;
        let db = writer.begin().await?;
        indexes::drop_unneeded(&db).await?;
        db.commit().await?;
        Ok(Self { options, writer })
    }

    /// Begins the transaction that fills it.
    pub(super) async fn begin(&self) -> Result<Transaction, Error> {
        self.writer.begin().await
    }

    /// Ends writing and opens a connection that reads it.
    pub(super) async fn read(self) -> Result<DatabaseConnection, Error> {
        self.writer.close().await?;
        connect::looking(&self.options, 1).await
    }
}
