//! The table `event_subject`.

use sea_orm::entity::prelude::*;

/// An object that an event is about. An event can have several, including every alias of a ticket. The first event about a
/// message has no row for the message: `message.event_seq` records it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event_subject")]
pub struct Model {
    /// `customer`, `conversation`, `message` or `ticket`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_type: String,
    /// The source id: for a message its key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: String,
    /// The event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
