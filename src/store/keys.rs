//! API keys, which clients authenticate with. They are stored beside the log: no event creates them, and a rebuild keeps them.

use entity::api_key as table;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryOrder, sea_query::Query};

use super::{Error, Store, bulk};
use crate::domain::time::Timestamp;

/// A stored API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id, which is part of the key itself.
    pub id: String,
    /// SHA-256 of the key's secret, in hex.
    pub secret_sha256: String,
    /// The role that it grants.
    pub role: String,
    /// A descriptive name.
    pub name: Option<String>,
    /// The id of the staff member who owns it.
    pub staff: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The start of the hour in which it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// The result of revoking a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// The key is now revoked.
    Revoked,
    /// The key had already been revoked at this time.
    Already(Timestamp),
    /// There is no such key.
    Unknown,
}

impl From<table::Model> for ApiKey {
    fn from(row: table::Model) -> Self {
        Self {
            id: row.id,
            secret_sha256: row.secret_sha256,
            role: row.role,
            name: row.name,
            staff: row.staff_id,
            created_at: Timestamp::clamped(row.created_at),
            expires_at: row.expires_at.map(Timestamp::clamped),
            revoked_at: row.revoked_at.map(Timestamp::clamped),
            last_used_at: row.last_used_at.map(Timestamp::clamped),
        }
    }
}

impl Store {
    /// Stores a new key.
    pub async fn add_key(&self, key: ApiKey) -> Result<(), Error> {
        let row = table::Model {
            id: key.id,
            secret_sha256: key.secret_sha256,
            role: key.role,
            name: key.name,
            staff_id: key.staff,
            created_at: key.created_at.as_millis(),
            expires_at: key.expires_at.map(Timestamp::as_millis),
            revoked_at: key.revoked_at.map(Timestamp::as_millis),
            last_used_at: key.last_used_at.map(Timestamp::as_millis),
        };
        let db = self.writer.begin().await?;
        db.insert::<table::Entity>(vec![row]).await?;
        db.commit().await
    }

    /// All keys, the newest first.
    pub async fn keys(&self) -> Result<Vec<ApiKey>, Error> {
        let keys = table::Entity::find().order_by_desc(table::Column::CreatedAt).order_by_asc(table::Column::Id);
        Ok(keys.all(&self.upkeep).await?.into_iter().map(ApiKey::from).collect())
    }

    /// The stored keys among these ids.
    pub async fn keys_among(&self, ids: impl IntoIterator<Item = String>) -> Result<Vec<ApiKey>, Error> {
        let rows = bulk::rows_in::<table::Entity>(&self.upkeep, table::Column::Id, ids).await?;
        Ok(rows.into_iter().map(ApiKey::from).collect())
    }

    /// Revokes a key and notifies all gateways of the database.
    pub async fn revoke_key(&self, id: &str, now: Timestamp) -> Result<Revocation, Error> {
        let db = self.writer.begin().await?;
        let Some(row) = db.rows_in::<table::Entity>(table::Column::Id, [id]).await?.pop() else {
            db.rollback().await?;
            return Ok(Revocation::Unknown);
        };
        if let Some(since) = row.revoked_at {
            db.rollback().await?;
            return Ok(Revocation::Already(Timestamp::clamped(since)));
        }
        let mut update = Query::update();
        update.table(table::Entity).value(table::Column::RevokedAt, now.as_millis()).cond_where(table::Column::Id.eq(id));
        db.execute(&update).await?;
        db.notify_of_key(id).await?;
        db.commit().await?;
        Ok(Revocation::Revoked)
    }

    /// Records that a key was used in the hour that starts at `hour`.
    pub async fn record_key_use(&self, id: &str, hour: Timestamp) -> Result<(), Error> {
        let earlier =
            Condition::any().add(table::Column::LastUsedAt.is_null()).add(table::Column::LastUsedAt.lt(hour.as_millis()));
        let mut update = Query::update();
        update
            .table(table::Entity)
            .value(table::Column::LastUsedAt, hour.as_millis())
            .cond_where(Condition::all().add(table::Column::Id.eq(id)).add(earlier));
        let db = self.writer.begin().await?;
        db.execute(&update).await?;
        db.commit().await
    }
}
