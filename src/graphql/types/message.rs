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
        loader::{ConversationById, CustomerById, EventBySeq, ReadersOf, StaffById, load, load_all, load_linked},
        scalars::{DateTime, Json},
    },
};

/// A message.
#[derive(Clone)]
pub(crate) struct Message(Arc<message::Message>);

impl Message {
    /// The value of `domain` behind it.
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

/// A message of a conversation, in either direction.
#[Object]
impl Message {
    /// The global id: `msg_`, the platform, `_`, and the message's id there. `%` and `_` of the platform are percent-encoded.
    pub(crate) async fn id(&self) -> ID {
        self.node_id().to_string().into()
    }

    /// The message's id on its platform.
    async fn source_id(&self) -> &str {
        &self.0.source_id
    }

    /// The conversation it belongs to.
    async fn conversation(&self, ctx: &Context<'_>) -> Result<Conversation> {
        let conversation = load(ctx, ConversationById(self.0.conversation_id.clone())).await?;
        conversation.ok_or_else(|| Error::dangling("Message.conversation", &self.0.key))
    }

    /// The customer of its conversation; null until one is known.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        load_linked(ctx, self.0.customer_id.clone().map(CustomerById)).await
    }

    /// The platform it was sent on.
    async fn platform(&self) -> Platform {
        words::Platform::of(&self.0.platform).into()
    }

    /// The platform's name as the CRM sent it; `unknown` where it was not told.
    async fn platform_name(&self) -> &str {
        &self.0.platform_name
    }

    /// Which of the business's accounts it went through.
    async fn channel(&self) -> Option<Channel> {
        Channel::of(self.0.channel.as_ref(), self.0.app_id.as_ref())
    }

    /// Who sent it: the person outside or the business.
    async fn direction(&self) -> Direction {
        if self.0.outbound { Direction::Outbound } else { Direction::Inbound }
    }

    /// What it carries.
    #[graphql(name = "type")]
    async fn kind(&self) -> MessageType {
        self.0.kind().into()
    }

    /// The type's name as the CRM sent it.
    async fn type_name(&self) -> Option<&str> {
        self.0.type_name.as_deref()
    }

    /// The content.
    async fn text(&self) -> Option<&str> {
        self.0.text.as_deref()
    }

    /// The content, shortened by the CRM.
    async fn preview(&self) -> Option<&str> {
        self.0.preview.as_deref()
    }

    /// The attached files.
    async fn attachments(&self) -> Vec<Attachment> {
        Attachment::all(&self.0.attachments)
    }

    /// What the CRM says besides, as it sent it: for instance that the conversation was closed.
    async fn payload(&self) -> Option<Json> {
        self.0.payload.clone().map(Json)
    }

    /// Who sent it, as the platform shows them.
    async fn sender(&self) -> Participant {
        (&self.0.sender).into()
    }

    /// Who received it, as the platform shows them.
    async fn recipient(&self) -> Participant {
        (&self.0.recipient).into()
    }

    /// Who of the team answered, by name and picture; null where the CRM does not tell.
    async fn responder(&self) -> Option<Participant> {
        Participant::known(&self.0.responder)
    }

    /// Whether it was read. A message that was read never becomes unread again.
    async fn is_read(&self) -> bool {
        self.0.is_read
    }

    /// The staff members who have read it.
    async fn read_by(&self, ctx: &Context<'_>) -> Result<Vec<Staff>> {
        let readers = load(ctx, ReadersOf(self.0.key.clone())).await?.unwrap_or_default();
        load_all(ctx, readers.into_iter().map(StaffById)).await
    }

    /// Whether it made the CRM create a new customer.
    async fn creates_contact(&self) -> bool {
        self.0.creates_contact
    }

    /// The CRM's number for where it comes from; 0 is the system.
    async fn source(&self) -> Option<i32> {
        self.0.source
    }

    /// When it was sent.
    async fn sent_at(&self) -> DateTime {
        self.0.sent_at.into()
    }

    /// When it was created.
    async fn created_at(&self) -> Option<DateTime> {
        self.0.created_at.map(Into::into)
    }

    /// The stored event that brought it first.
    async fn event(&self, ctx: &Context<'_>) -> Result<Event> {
        let event = load(ctx, EventBySeq(self.0.event_seq)).await?;
        event.ok_or_else(|| Error::dangling("Message.event", &self.0.key))
    }
}
