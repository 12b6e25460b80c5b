//! The table `total`.

use sea_orm::entity::prelude::*;

/// The number of rows in a list without a filter.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "total")]
pub struct Model {
    /// The name of the count.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// How many rows.
    pub count: i64,
}

impl ActiveModelBehavior for ActiveModel {}
