//! The table `ticket`.

use sea_orm::entity::prelude::*;

/// A ticket, folded from its events. A row without a version is a tombstone: only a delete has arrived.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket")]
pub struct Model {
    /// Its canonical id, one of its aliases.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Title.
    pub name: Option<String>,
    /// Title, folded; null if equal.
    pub name_folded: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Description, folded; null if equal.
    pub description_folded: Option<String>,
    /// Id of its type.
    pub type_id: Option<String>,
    /// Id of its type, folded; null if equal.
    pub type_id_folded: Option<String>,
    /// Level as sent.
    pub level: Option<String>,
    /// Level as sent, folded; null if equal.
    pub level_folded: Option<String>,
    /// Level as a listed word, or `other`.
    pub level_key: Option<String>,
    /// Sort rank of the level.
    pub level_rank: Option<i64>,
    /// Status as sent.
    pub status: Option<String>,
    /// Status as sent, folded; null if equal.
    pub status_folded: Option<String>,
    /// Status as a listed word, or `other`.
    pub status_key: Option<String>,
    /// The CRM's id of its customer, whether the store has that customer or not.
    pub customer_id: Option<String>,
    /// Staff id of the assignee.
    pub assignee_id: Option<String>,
    /// Staff id of the creator.
    pub created_by_id: Option<String>,
    /// Store id.
    pub store_id: Option<String>,
    /// Store id, folded; null if equal.
    pub store_id_folded: Option<String>,
    /// Number of units before the due time at which the reminder is sent.
    pub reminder_amount: Option<i64>,
    /// `minute`, `hour` or `day`.
    pub reminder_unit: Option<String>,
    /// Whether the reminder was sent.
    pub is_reminded: bool,
    /// Raw items, a JSON array; null if there are none.
    pub attachments: Option<String>,
    /// When it was created, in milliseconds.
    pub created_at: Option<i64>,
    /// When it is due, in milliseconds.
    pub due_at: Option<i64>,
    /// When it was last changed, in milliseconds.
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
