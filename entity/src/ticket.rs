//! The table `ticket`.

use sea_orm::entity::prelude::*;

/// A ticket, folded from its events; also a mere tombstone, which has no version.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket")]
pub struct Model {
    /// The id it goes by, of its aliases.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Title.
    pub name: Option<String>,
    /// Title, folded, where that differs.
    pub name_folded: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Description, folded, where that differs.
    pub description_folded: Option<String>,
    /// Id of its type.
    pub type_id: Option<String>,
    /// Id of its type, folded, where that differs.
    pub type_id_folded: Option<String>,
    /// Level as sent.
    pub level: Option<String>,
    /// Level as sent, folded, where that differs.
    pub level_folded: Option<String>,
    /// Level as a listed word, or `other`.
    pub level_key: Option<String>,
    /// Its place when ordered by level.
    pub level_rank: Option<i64>,
    /// Status as sent.
    pub status: Option<String>,
    /// Status as sent, folded, where that differs.
    pub status_folded: Option<String>,
    /// Status as a listed word, or `other`.
    pub status_key: Option<String>,
    /// The CRM's id of its customer, seen or not.
    pub customer_id: Option<String>,
    /// Staff id of who is in charge.
    pub assignee_id: Option<String>,
    /// Staff id of the creator.
    pub created_by_id: Option<String>,
    /// Store id.
    pub store_id: Option<String>,
    /// Store id, folded, where that differs.
    pub store_id_folded: Option<String>,
    /// How many units before the due time it reminds.
    pub reminder_amount: Option<i64>,
    /// `minute`, `hour` or `day`.
    pub reminder_unit: Option<String>,
    /// Whether it has reminded.
    pub is_reminded: bool,
    /// Raw items, a JSON array; absent when there are none.
    pub attachments: Option<String>,
    /// Created, in milliseconds.
    pub created_at: Option<i64>,
    /// Due, in milliseconds.
    pub due_at: Option<i64>,
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
