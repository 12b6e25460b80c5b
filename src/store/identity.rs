//! The store id, which live cursors carry.
//!
//! A restored database lacks the changes made after the backup, and new changes reuse their positions. A client that resumed
//! with an old cursor would miss some of them. A restored store therefore gets a new id and refuses cursors with another id.

use entity::meta;
use sea_orm::{ConnectionTrait, EntityTrait, Set, sea_query::OnConflict};

use super::{Error, Store};

/// The id's key in `meta`.
pub(super) const KEY: &str = "store_id";

fn draw() -> String {
    format!("{:016x}", rand::random::<u64>())
}

/// Reads the id; draws a random one when the store is first opened.
pub(super) async fn of(db: &impl ConnectionTrait) -> Result<String, Error> {
    let drawn = draw();
    meta::Entity::insert(meta::ActiveModel { key: Set(KEY.to_owned()), value: Set(drawn.clone()) })
        .on_conflict(OnConflict::column(meta::Column::Key).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(meta::Entity::find_by_id(KEY.to_owned()).one(db).await?.map_or(drawn, |row| row.value))
}

impl Store {
    /// Gives the database a new id. Running gateways keep using the old one until they are restarted.
    pub async fn renew_id(&self) -> Result<(), Error> {
        let db = self.writer.begin().await?;
        db.upsert::<meta::Entity>(vec![meta::Model { key: KEY.to_owned(), value: draw() }]).await?;
        db.commit().await
    }
}
