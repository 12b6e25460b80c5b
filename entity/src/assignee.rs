//! The table `assignee`.

use sea_orm::entity::prelude::*;

/// A staff member to whom a conversation is assigned.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assignee")]
pub struct Model {
    /// The conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: String,
    /// The staff member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub staff_id: String,
    /// Index in the list as sent.
    pub position: i64,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
