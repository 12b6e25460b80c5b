//! The table `read_by`.

use sea_orm::entity::prelude::*;

/// A staff member who has read a message.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "read_by")]
pub struct Model {
    /// The message.
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_key: String,
    /// The staff member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub staff_id: String,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
