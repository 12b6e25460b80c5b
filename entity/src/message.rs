//! The table `message`.

use sea_orm::entity::prelude::*;

/// A message, folded from its payloads.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    /// Platform and message id in one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The id on the platform.
    pub source_id: String,
    /// Its conversation.
    pub conversation_id: String,
    /// The conversation's customer.
    pub customer_id: Option<String>,
    /// Platform, lower case; `unknown` when nothing tells it.
    pub platform: String,
    /// Platform as sent.
    pub platform_name: String,
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
    /// Whether the business side sent it.
    pub outbound: bool,
    /// Its type as a listed word, or `other`.
    pub type_key: String,
    /// Type as sent.
    pub type_name: Option<String>,
    /// Type as sent, folded, where that differs.
    pub type_name_folded: Option<String>,
    /// Content.
    pub text: Option<String>,
    /// Content, folded, where that differs.
    pub text_folded: Option<String>,
    /// Shortened content.
    pub preview: Option<String>,
    /// Raw items, a JSON array; absent when there are none.
    pub attachments: Option<String>,
    /// Special information, JSON.
    pub payload: Option<String>,
    /// Sender on the platform.
    pub sender_id: Option<String>,
    /// Sender on the platform, folded, where that differs.
    pub sender_id_folded: Option<String>,
    /// Sender's name.
    pub sender_name: Option<String>,
    /// That name, folded, where that differs.
    pub sender_name_folded: Option<String>,
    /// Sender's picture.
    pub sender_avatar: Option<String>,
    /// Recipient on the platform.
    pub recipient_id: Option<String>,
    /// Recipient's name.
    pub recipient_name: Option<String>,
    /// Recipient's picture.
    pub recipient_avatar: Option<String>,
    /// Who of the team answered.
    pub responder_name: Option<String>,
    /// Their picture.
    pub responder_avatar: Option<String>,
    /// Whether it was read.
    pub is_read: bool,
    /// Whether it made a new customer.
    pub creates_contact: bool,
    /// The source's number.
    pub source: Option<i32>,
    /// Sent, in milliseconds.
    pub sent_at: i64,
    /// Whether `sent_at` is the payload's `time`.
    pub has_time: bool,
    /// Created, in milliseconds.
    pub created_at: Option<i64>,
    /// The event that brought it first.
    pub event_seq: i64,
    /// Arrival of the latest payload.
    pub version_received_at: i64,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
