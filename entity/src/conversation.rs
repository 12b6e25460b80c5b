//! The table `conversation`.

use sea_orm::entity::prelude::*;

/// A conversation, folded from its messages and status events.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation")]
pub struct Model {
    /// The CRM's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Platform, lower case; `unknown` when nothing tells it.
    pub platform: String,
    /// Platform as sent.
    pub platform_name: Option<String>,
    /// Platform as sent, folded, where that differs.
    pub platform_name_folded: Option<String>,
    /// Kind of the channel.
    pub channel_kind: Option<String>,
    /// Id of the channel.
    pub channel_id: Option<String>,
    /// Id of the channel, folded, where that differs.
    pub channel_id_folded: Option<String>,
    /// The platform's application id.
    pub app_id: Option<String>,
    /// Id of the contact.
    pub contact_id: Option<String>,
    /// Id of the contact, folded, where that differs.
    pub contact_id_folded: Option<String>,
    /// That id as an e-mail address or phone number, normalised.
    pub contact_key: Option<String>,
    /// Name of the contact.
    pub contact_name: Option<String>,
    /// That name, folded, where that differs.
    pub contact_name_folded: Option<String>,
    /// Picture of the contact.
    pub contact_avatar: Option<String>,
    /// The customer found for the contact.
    pub customer_id: Option<String>,
    /// Whether it is closed.
    pub is_closed: bool,
    /// Chat mode, lower case.
    pub chat_mode: Option<String>,
    /// Assigned, in milliseconds.
    pub assigned_at: Option<i64>,
    /// Started, in milliseconds.
    pub started_at: Option<i64>,
    /// When the last message was sent, in milliseconds.
    pub last_message_at: Option<i64>,
    /// Key of the last message.
    pub last_message_key: Option<String>,
    /// How many messages it has.
    pub message_count: i64,
    /// How many of them are inbound and not read.
    pub unread_count: i64,
    /// Who wrote each register last, JSON.
    pub stamps: String,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
