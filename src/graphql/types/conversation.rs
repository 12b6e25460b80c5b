//! Conversations.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::{
    Customer, Message, Staff,
    parts::{Channel, Participant},
    words::{ChatMode, Platform},
};
use crate::{
    domain::{conversation, id::NodeId, words},
    graphql::{
        error::Result,
        lists::OfConversation,
        loader::{AssigneesOf, CustomerById, MessageByKey, StaffById, load, load_all, load_linked},
        scalars::{DateTime, int},
    },
    store::Parent,
};

/// A conversation.
#[derive(Clone)]
pub(crate) struct Conversation(Arc<conversation::Conversation>);

impl Conversation {
    /// The `domain` value that this type presents.
    pub(crate) fn as_domain(&self) -> &conversation::Conversation {
        &self.0
    }
}

impl From<conversation::Conversation> for Conversation {
    fn from(conversation: conversation::Conversation) -> Self {
        Self(Arc::new(conversation))
    }
}

impl Conversation {
    pub(crate) fn node_id(&self) -> NodeId {
        NodeId::Conversation(self.0.id.clone())
    }
}

/// A conversation between the business and one contact, on one platform.
#[Object]
impl Conversation {
    /// The global id: `con_` followed by the CRM's id, such as `con_71b0`.
    pub(crate) async fn id(&self) -> ID {
        self.node_id().to_string().into()
    }

    /// The CRM's id, such as `71b0`.
    async fn source_id(&self) -> &str {
        &self.0.id
    }

    /// The platform. `OTHER` stands for a platform outside this list: `platformName` has its name.
    async fn platform(&self) -> Platform {
        words::Platform::of(&self.0.platform_key()).into()
    }

    /// The platform's name as the CRM sent it, such as `zalo`; `unknown` if the CRM never sent one.
    async fn platform_name(&self) -> &str {
        self.0.platform_name.as_deref().unwrap_or(words::UNKNOWN_PLATFORM)
    }

    /// The business account that the conversation goes through, such as a Facebook page. Null if unknown.
    async fn channel(&self) -> Option<Channel> {
        Channel::of(self.0.channel.as_ref(), self.0.app_id.as_ref())
    }

    /// The contact: the customer-side participant, with the platform's id, name and picture. Null if nothing is known of them.
    async fn contact(&self) -> Option<Participant> {
        Participant::known(&self.0.contact)
    }

    /// The customer that the contact was identified as, by social account, id, email address or phone number. Null until a
    /// customer matches. May be a deleted customer, which has a `deletedAt`.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        load_linked(ctx, self.0.customer_id.clone().map(CustomerById)).await
    }

    /// Whether the conversation is closed.
    async fn is_closed(&self) -> bool {
        self.0.is_closed
    }

    /// Who in the team may see the conversation. Null if the CRM never sent it.
    async fn chat_mode(&self) -> Option<ChatMode> {
        self.0.chat_mode.as_deref().map(|word| words::ChatMode::of(word).into())
    }

    /// The staff members that the conversation is assigned to, in the CRM's order. Empty if unassigned.
    async fn assignees(&self, ctx: &Context<'_>) -> Result<Vec<Staff>> {
        let assignees = load(ctx, AssigneesOf(self.0.id.clone())).await?.unwrap_or_default();
        load_all(ctx, assignees.into_iter().map(StaffById)).await
    }

    /// When the current assignment was made. Null if unknown.
    async fn assigned_at(&self) -> Option<DateTime> {
        self.0.assigned_at.map(Into::into)
    }

    /// When the conversation started. Null if unknown.
    async fn started_at(&self) -> Option<DateTime> {
        self.0.started_at.map(Into::into)
    }

    /// When the latest message was sent: `sentAt` of `lastMessage`. Null while there are no messages.
    async fn last_message_at(&self) -> Option<DateTime> {
        self.0.last_message_at.map(Into::into)
    }

    /// The message with the latest `sentAt`. Null while there are no messages.
    async fn last_message(&self, ctx: &Context<'_>) -> Result<Option<Message>> {
        load_linked(ctx, self.0.last_message_key.clone().map(MessageByKey)).await
    }

    /// The number of messages.
    async fn message_count(&self) -> i32 {
        int(self.0.message_count)
    }

    /// The number of unread messages: inbound messages that nobody in the team has read.
    async fn unread_count(&self) -> i32 {
        int(self.0.unread_count)
    }

    #[graphql(flatten)]
    async fn lists(&self) -> OfConversation {
        OfConversation(Parent::Conversation(self.0.id.clone()))
    }
}
