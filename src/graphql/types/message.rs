//! Messages.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::{
    Conversation, Customer, Event, Staff,
    parts::{Attachment, Channel, Participant},
    words::{Direction, MessageType, Platform},
};
use crate::{
    domain::{id::NodeId, message, words},
    graphql::{
        error::{Error, Result},
        loader::{ConversationById, CustomerById, EventBySeq, StaffById, load, load_all, load_linked},
        scalars::{DateTime, Json},
    },
};

/// A message.
#[derive(Clone)]
pub(crate) struct Message(Arc<message::Message>);

impl Message {
    /// The `domain` value that this type presents.
    pub(crate) fn as_domain(&self) -> &message::Message {
        &self.0
    }
}

impl From<message::Message> for Message {
    fn from(message: message::Message) -> Self {
        Self(Arc::new(message))
    }
}

impl Message {
    pub(crate) fn node_id(&self) -> NodeId {
        NodeId::Message(self.0.key.clone())
    }
}

/// A message in a conversation, in either direction.
#[Object]
impl Message {
    /// The global id: `msg_`, the platform, `_` and the message's id on that platform, such as `msg_zalo_zl-4f1c0a9e7b`. `%`
    /// and `_` in the platform are percent-encoded.
    pub(crate) async fn id(&self) -> ID {
        self.node_id().to_string().into()
    }

    /// The message's id on its platform, unique there.
    async fn source_id(&self) -> &str {
        &self.0.source_id
    }

    /// The conversation that the message belongs to.
    async fn conversation(&self, ctx: &Context<'_>) -> Result<Conversation> {
        let conversation = load(ctx, ConversationById(self.0.conversation_id.clone())).await?;
        conversation.ok_or_else(|| Error::dangling("Message.conversation", &self.0.key))
    }

    /// The customer of the message's conversation. Null until a customer matches.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        load_linked(ctx, self.0.customer_id.clone().map(CustomerById)).await
    }

    /// The platform. `OTHER` stands for a platform outside this list: `platformName` has its name.
    async fn platform(&self) -> Platform {
        words::Platform::of(&self.0.platform).into()
    }

    /// The platform's name as the CRM sent it, such as `zalo`; `unknown` if the CRM sent none.
    async fn platform_name(&self) -> &str {
        &self.0.platform_name
    }

    /// The business account that the message went through, such as a Facebook page. Null if unknown.
    async fn channel(&self) -> Option<Channel> {
        Channel::of(self.0.channel.as_ref(), self.0.app_id.as_ref())
    }

    /// Whether the contact (`INBOUND`) or the business (`OUTBOUND`) sent the message.
    async fn direction(&self) -> Direction {
        if self.0.outbound { Direction::Outbound } else { Direction::Inbound }
    }

    /// The type of content. `OTHER` stands for a type outside this list: `typeName` has its name.
    #[graphql(name = "type")]
    async fn kind(&self) -> MessageType {
        self.0.kind().into()
    }

    /// The type's name as the CRM sent it, such as `text`. Null if it sent none.
    async fn type_name(&self) -> Option<&str> {
        self.0.type_name.as_deref()
    }

    /// The text of the message. Null if it has none, for example a sticker.
    async fn text(&self) -> Option<&str> {
        self.0.text.as_deref()
    }

    /// The text as shortened by the CRM. Null if the CRM sent none.
    async fn preview(&self) -> Option<&str> {
        self.0.preview.as_deref()
    }

    /// The attached files. Empty if there are none.
    async fn attachments(&self) -> Vec<Attachment> {
        Attachment::all(&self.0.attachments)
    }

    /// Additional data from the CRM, unchanged; for example, that the conversation was closed. Null if there is none.
    async fn payload(&self) -> Option<Json> {
        self.0.payload.clone().map(Json)
    }

    /// The sender, as shown on the platform.
    async fn sender(&self) -> Participant {
        (&self.0.sender).into()
    }

    /// The recipient, as shown on the platform.
    async fn recipient(&self) -> Participant {
        (&self.0.recipient).into()
    }

    /// The member of the team who wrote the reply, with name and picture. Null if the CRM sent none.
    async fn responder(&self) -> Option<Participant> {
        Participant::known(&self.0.responder)
    }

    /// Whether the message has been read. A read message never becomes unread again.
    async fn is_read(&self) -> bool {
        self.0.is_read
    }

    /// The staff members who have read the message.
    async fn read_by(&self, ctx: &Context<'_>) -> Result<Vec<Staff>> {
        load_all(ctx, self.0.read_by.iter().cloned().map(StaffById)).await
    }

    /// Whether the CRM created a new customer because of this message.
    async fn creates_contact(&self) -> bool {
        self.0.creates_contact
    }

    /// The CRM's numeric code for the origin of the message; 0 is the system. Null if the CRM sent none.
    async fn source(&self) -> Option<i32> {
        self.0.source
    }

    /// When the message was sent. Lists of messages are sorted by this time.
    async fn sent_at(&self) -> DateTime {
        self.0.sent_at.into()
    }

    /// When the message was created in the CRM. Null if unknown.
    async fn created_at(&self) -> Option<DateTime> {
        self.0.created_at.map(Into::into)
    }

    /// The stored event that first delivered the message.
    async fn event(&self, ctx: &Context<'_>) -> Result<Event> {
        let event = load(ctx, EventBySeq(self.0.event_seq)).await?;
        event.ok_or_else(|| Error::dangling("Message.event", &self.0.key))
    }
}
