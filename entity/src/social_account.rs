//! The table `social_account`.

use sea_orm::entity::prelude::*;

/// A social account of a customer.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "social_account")]
pub struct Model {
    /// The customer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer_id: String,
    /// Index in the list as sent.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// Platform as sent.
    pub platform: Option<String>,
    /// Platform, lower case.
    pub platform_key: Option<String>,
    /// The id on the platform.
    pub source_id: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// URL of the profile.
    pub url: Option<String>,
    /// The item as received, JSON.
    pub raw: String,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
