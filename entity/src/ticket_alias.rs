//! The table `ticket_alias`.

use sea_orm::entity::prelude::*;

/// One of the ids of a ticket.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket_alias")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The canonical id, which is that of the ticket's row.
    pub ticket_id: String,
    /// Whether the id ever came as `ticket_id`.
    pub is_ticket_id: bool,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
