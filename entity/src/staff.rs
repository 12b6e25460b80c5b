//! The table `staff`.

use sea_orm::entity::prelude::*;

/// A staff member, known from being mentioned in an event.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "staff")]
pub struct Model {
    /// The CRM's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// Name, folded for sorting and text filters.
    pub name_key: Option<String>,
    /// Version that set the name: its instant.
    pub named_at: Option<i64>,
    /// Version: its rank at that instant.
    pub named_rank: Option<i64>,
    /// Version: its arrival.
    pub named_received_at: Option<i64>,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
