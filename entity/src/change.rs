//! The table `change`.

use sea_orm::entity::prelude::*;

/// One change to one object, caused by an event. Live cursors hold its position.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    /// Its position among all changes: from 1, without gaps, in commit order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// The sequence number of the event that caused it.
    pub seq: i64,
    /// `event`, `customer`, `conversation`, `message` or `ticket`.
    pub subject_type: String,
    /// The object's source id: for a message its key, for an event its sequence number.
    pub subject_id: String,
    /// `created`, `updated` or `deleted`.
    pub kind: String,
    /// If nothing but the object's link to a customer changed: the customer before, if any. In all other changes, this and
    /// `link_after` are null.
    pub link_before: Option<String>,
    /// If nothing but the object's link to a customer changed: the customer after, if any.
    pub link_after: Option<String>,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
