//! The table `message_hour`.

use sea_orm::entity::prelude::*;

/// The number of messages sent in an hour (UTC).
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message_hour")]
pub struct Model {
    /// The start of the hour, in milliseconds.
    #[sea_orm(primary_key, auto_increment = false)]
    pub start: i64,
    /// Platform as a listed word, or `other`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub platform: String,
    /// Whether the business side sent them.
    #[sea_orm(primary_key, auto_increment = false)]
    pub outbound: bool,
    /// Number of messages.
    pub count: i64,
}

impl ActiveModelBehavior for ActiveModel {}
