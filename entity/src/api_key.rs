//! The table `api_key`.

use sea_orm::entity::prelude::*;

/// An API key of a client. Only a hash of its secret is stored.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    /// Its id, which is part of the key's text.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// SHA-256 of the secret, in hex.
    pub secret_sha256: String,
    /// The role of clients with the key.
    pub role: String,
    /// A name for people.
    pub name: Option<String>,
    /// The staff member that clients with the key act for.
    pub staff_id: Option<String>,
    /// When it was created, in milliseconds.
    pub created_at: i64,
    /// When it expires, in milliseconds.
    pub expires_at: Option<i64>,
    /// When it was revoked, in milliseconds.
    pub revoked_at: Option<i64>,
    /// The hour of its last use, in milliseconds.
    pub last_used_at: Option<i64>,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
