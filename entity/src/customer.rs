//! The table `customer`.

use sea_orm::entity::prelude::*;

/// A customer, folded from its events. A row without a version is a tombstone: only a delete has arrived.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customer")]
pub struct Model {
    /// The CRM's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// Name, folded for sorting and search.
    pub name_key: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Phone number, folded; null if equal.
    pub phone_folded: Option<String>,
    /// Phone number, normalised for matching contacts.
    pub phone_key: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// E-mail address, folded; null if equal.
    pub email_folded: Option<String>,
    /// E-mail address, normalised for matching contacts.
    pub email_key: Option<String>,
    /// Note.
    pub note: Option<String>,
    /// Note, folded; null if equal.
    pub note_folded: Option<String>,
    /// Phone carrier.
    pub telco: Option<String>,
    /// Phone carrier, folded; null if equal.
    pub telco_folded: Option<String>,
    /// Staff id of the manager.
    pub manager_id: Option<String>,
    /// Staff id of the creator.
    pub created_by_id: Option<String>,
    /// Staff id of the last updater.
    pub updated_by_id: Option<String>,
    /// When it was created in the CRM, in milliseconds.
    pub created_at: Option<i64>,
    /// When it was last changed in the CRM, in milliseconds.
    pub updated_at: Option<i64>,
    /// When it was deleted, in milliseconds; null if it is not.
    pub deleted_at: Option<i64>,
    /// Version of the newest snapshot: its instant; null for a tombstone.
    pub version_at: Option<i64>,
    /// Version: its rank at that instant.
    pub version_rank: Option<i64>,
    /// Version: its arrival.
    pub version_received_at: Option<i64>,
    /// The newest date given in a snapshot.
    pub dated_at: Option<i64>,
    /// Arrival of the latest delete.
    pub last_deleted_at: Option<i64>,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
