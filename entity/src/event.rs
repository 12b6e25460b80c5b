//! The table `event`.

use sea_orm::entity::prelude::*;

/// A webhook as received. The table is the append-only log, from which everything else can be rebuilt.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// Its sequence number in the log: from 1, without gaps, in commit order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// The kind of webhook, such as `message.sent`.
    pub kind: String,
    /// The sender's id of the delivery, which identifies repetitions.
    #[sea_orm(unique)]
    pub delivery_id: Option<String>,
    /// For messages: a hash of message key and payload, equal for equal content.
    pub message_hash: Option<i64>,
    /// Arrival, in milliseconds.
    pub received_at: i64,
    /// The JSON text exactly as received.
    pub payload: String,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
