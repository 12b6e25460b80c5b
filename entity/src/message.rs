//! The table `message`.

use sea_orm::entity::prelude::*;

/// A message, folded from its payloads.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    /// Unique key, made of platform and message id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The id on the platform.
    pub source_id: String,
    /// Its conversation.
    pub conversation_id: String,
    /// The conversation's customer.
    pub customer_id: Option<String>,
    /// Platform, lower case; `unknown` if no payload has it.
    pub platform: String,
    /// Platform as sent.
    pub platform_name: String,
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
    /// Whether the business side sent it.
    pub outbound: bool,
    /// Its type as a listed word, or `other`.
    pub type_key: String,
    /// Type as sent.
    pub type_name: Option<String>,
    /// Type as sent, folded; null if equal.
    pub type_name_folded: Option<String>,
    /// Content.
    pub text: Option<String>,
    /// Content, folded; null if equal.
    pub text_folded: Option<String>,
    /// Shortened content.
    pub preview: Option<String>,
    /// Raw items, a JSON array; null if there are none.
    pub attachments: Option<String>,
    /// Extra structured data, JSON.
    pub payload: Option<String>,
    /// Sender's id on the platform.
    pub sender_id: Option<String>,
    /// Sender's id on the platform, folded; null if equal.
    pub sender_id_folded: Option<String>,
    /// Sender's name.
    pub sender_name: Option<String>,
    /// Sender's name, folded; null if equal.
    pub sender_name_folded: Option<String>,
    /// URL of the sender's avatar.
    pub sender_avatar: Option<String>,
    /// Recipient's id on the platform.
    pub recipient_id: Option<String>,
    /// Recipient's name.
    pub recipient_name: Option<String>,
    /// URL of the recipient's avatar.
    pub recipient_avatar: Option<String>,
    /// Name of the staff member who answered.
    pub responder_name: Option<String>,
    /// URL of their avatar.
    pub responder_avatar: Option<String>,
    /// Whether it was read.
    pub is_read: bool,
    /// Ids of the staff who have read it, in order, a JSON array; null if there are none.
    pub read_by: Option<String>,
    /// Whether it created a new customer.
    pub creates_contact: bool,
    /// The CRM's number for the source (`src`).
    pub source: Option<i32>,
    /// When it was sent, in milliseconds.
    pub sent_at: i64,
    /// Whether `sent_at` is the payload's `time`.
    pub has_time: bool,
    /// When it was created, in milliseconds.
    pub created_at: Option<i64>,
    /// Sequence number of the first event that delivered it.
    pub event_seq: i64,
    /// Arrival of the latest payload.
    pub version_received_at: i64,
}

/// Relations between tables are queried by the store, so none are declared.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
