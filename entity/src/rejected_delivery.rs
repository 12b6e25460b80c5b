//! The table `rejected_delivery`.

use sea_orm::entity::prelude::*;

/// A dead letter: an authenticated JSON body that could not be read as its event.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rejected_delivery")]
pub struct Model {
    /// Its number, in order of arrival.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Arrival, in milliseconds.
    pub received_at: i64,
    /// The kind it was delivered as, if known.
    pub kind: Option<String>,
    /// The sender's id of the delivery.
    pub delivery_id: Option<String>,
    /// The JSON text exactly as received.
    pub payload: String,
    /// The JSON path of the error.
    pub path: String,
    /// What was expected there, and what was found.
    pub reason: String,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
