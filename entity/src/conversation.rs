//! The table `conversation`.

use sea_orm::entity::prelude::*;

/// A conversation, folded from its messages and status events.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation")]
pub struct Model {
    /// The CRM's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Platform, lower case; `unknown` if nothing tells it.
    pub platform: String,
    /// Platform as sent.
    pub platform_name: Option<String>,
    /// Platform as sent, folded; null if equal.
    pub platform_name_folded: Option<String>,
    /// Kind of the channel.
    pub channel_kind: Option<String>,
    /// Id of the channel.
    pub channel_id: Option<String>,
    /// Id of the channel, folded; null if equal.
    pub channel_id_folded: Option<String>,
    /// The platform's application id.
    pub app_id: Option<String>,
    /// Id of the contact.
    pub contact_id: Option<String>,
    /// Id of the contact, folded; null if equal.
    pub contact_id_folded: Option<String>,
    /// Id of the contact, normalised, if it is an e-mail address or phone number.
    pub contact_key: Option<String>,
    /// Name of the contact.
    pub contact_name: Option<String>,
    /// Name of the contact, folded; null if equal.
    pub contact_name_folded: Option<String>,
    /// URL of the contact's avatar.
    pub contact_avatar: Option<String>,
    /// The customer that the contact was matched to.
    pub customer_id: Option<String>,
    /// Whether it is closed.
    pub is_closed: bool,
    /// Chat mode, lower case.
    pub chat_mode: Option<String>,
    /// When staff were assigned, in milliseconds.
    pub assigned_at: Option<i64>,
    /// When it started, in milliseconds.
    pub started_at: Option<i64>,
    /// When the last message was sent, in milliseconds.
    pub last_message_at: Option<i64>,
    /// Key of the last message.
    pub last_message_key: Option<String>,
    /// Number of messages.
    pub message_count: i64,
    /// Number of inbound messages that are not read.
    pub unread_count: i64,
    /// The stamp of the last write to each register, JSON.
    pub stamps: String,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
