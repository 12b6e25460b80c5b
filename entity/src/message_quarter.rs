//! The table `message_quarter`.

use sea_orm::entity::prelude::*;

/// The number of messages sent in a quarter of an hour (UTC).
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message_quarter")]
pub struct Model {
    /// The start of the quarter of an hour, in milliseconds.
    #[sea_orm(primary_key, auto_increment = false)]
    pub start: i64,
    /// Platform as a listed word, or `other`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub platform: String,
    /// Id of the channel; empty if there is none.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: String,
    /// Type as a listed word, or `other`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub type_key: String,
    /// Whether the business side sent them.
    #[sea_orm(primary_key, auto_increment = false)]
    pub outbound: bool,
    /// Number of messages.
    pub count: i64,
}

impl ActiveModelBehavior for ActiveModel {}
