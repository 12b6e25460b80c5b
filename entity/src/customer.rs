//! The table `customer`.

use sea_orm::entity::prelude::*;

/// A customer, folded from its events; also a mere tombstone, which has no version.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customer")]
pub struct Model {
    /// The CRM's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// Name, folded for order and search.
    pub name_key: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Phone number, folded, where that differs.
    pub phone_folded: Option<String>,
    /// Phone number, normalised for links.
    pub phone_key: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// E-mail address, folded, where that differs.
    pub email_folded: Option<String>,
    /// E-mail address, normalised for links.
    pub email_key: Option<String>,
    /// Note.
    pub note: Option<String>,
    /// Note, folded, where that differs.
    pub note_folded: Option<String>,
    /// Phone carrier.
    pub telco: Option<String>,
    /// Phone carrier, folded, where that differs.
    pub telco_folded: Option<String>,
    /// Staff id of the manager.
    pub manager_id: Option<String>,
    /// Staff id of the creator.
    pub created_by_id: Option<String>,
    /// Staff id of the last updater.
    pub updated_by_id: Option<String>,
    /// Created, in milliseconds.
    pub created_at: Option<i64>,
    /// Updated, in milliseconds.
    pub updated_at: Option<i64>,
    /// Deleted, in milliseconds; absent while alive.
    pub deleted_at: Option<i64>,
    /// Instant of the newest snapshot; absent for a tombstone without one.
    pub version_at: Option<i64>,
    /// Its rank at that instant.
    pub version_rank: Option<i64>,
    /// Its arrival.
    pub version_received_at: Option<i64>,
    /// The newest date a snapshot carried.
    pub dated_at: Option<i64>,
    /// Arrival of the latest delete.
    pub last_deleted_at: Option<i64>,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
