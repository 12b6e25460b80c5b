//! The table `customer_status`.

use sea_orm::entity::prelude::*;

/// A status of a customer.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_status")]
pub struct Model {
    /// The customer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer_id: String,
    /// Index in the list as sent.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// The status's id.
    pub source_id: Option<String>,
    /// The status's name.
    pub name: Option<String>,
    /// Name, folded; null if equal.
    pub name_folded: Option<String>,
    /// Red, 0 to 255; null without a colour.
    pub color_r: Option<i64>,
    /// Green.
    pub color_g: Option<i64>,
    /// Blue.
    pub color_b: Option<i64>,
    /// Opacity, 0 to 1.
    pub color_a: Option<f64>,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
