//! The table `custom_field`.

use sea_orm::entity::prelude::*;

/// A custom field of a customer.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "custom_field")]
pub struct Model {
    /// The customer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer_id: String,
    /// The key as sent, with its `cf_`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The value, JSON.
    pub value: String,
    /// The value, if it is a text.
    pub text: Option<String>,
    /// That text, folded; null if equal.
    pub text_folded: Option<String>,
    /// The value, if it is a number.
    pub number: Option<f64>,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
