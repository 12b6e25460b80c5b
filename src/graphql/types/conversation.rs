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
    /// The value of `domain` behind it.
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

/// A conversation with one person outside, on one platform.
#[Object]
impl Conversation {
    /// The global id: `con_` and the CRM's own id.
    pub(crate) async fn id(&self) -> ID {
        self.node_id().to_string().into()
    }

    /// The CRM's own id.
    async fn source_id(&self) -> &str {
        &self.0.id
    }

    /// The platform it takes place on.
    async fn platform(&self) -> Platform {
        words::Platform::of(&self.0.platform_key()).into()
    }

    /// The platform's name as the CRM sent it; `unknown` where it was never told.
    async fn platform_name(&self) -> &str {
        self.0.platform_name.as_deref().unwrap_or(words::UNKNOWN_PLATFORM)
    }

    /// Which of the business's accounts it goes through.
    async fn channel(&self) -> Option<Channel> {
        Channel::of(self.0.channel.as_ref(), self.0.app_id.as_ref())
    }

    /// The person outside, as the platform shows them.
    async fn contact(&self) -> Option<Participant> {
        Participant::known(&self.0.contact)
    }

    /// The customer that the contact was found to be: by a social account, an id, an e-mail address or a phone number. Null
    /// until such a customer is known; a deleted one has a `deletedAt`.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        load_linked(ctx, self.0.customer_id.clone().map(CustomerById)).await
    }

    /// Whether it is closed.
    async fn is_closed(&self) -> bool {
        self.0.is_closed
    }

    /// Who of the team may see it.
    async fn chat_mode(&self) -> Option<ChatMode> {
        self.0.chat_mode.as_deref().map(|word| words::ChatMode::of(word).into())
    }

    /// The staff members it is assigned to, in the CRM's order.
    async fn assignees(&self, ctx: &Context<'_>) -> Result<Vec<Staff>> {
        let assignees = load(ctx, AssigneesOf(self.0.id.clone())).await?.unwrap_or_default();
        load_all(ctx, assignees.into_iter().map(StaffById)).await
    }

    /// When it was assigned to them.
    async fn assigned_at(&self) -> Option<DateTime> {
        self.0.assigned_at.map(Into::into)
    }

    /// When it started.
    async fn started_at(&self) -> Option<DateTime> {
        self.0.started_at.map(Into::into)
    }

    /// When its latest message was sent; null while it has none.
    async fn last_message_at(&self) -> Option<DateTime> {
        self.0.last_message_at.map(Into::into)
    }

    /// Its latest message; null while it has none.
    async fn last_message(&self, ctx: &Context<'_>) -> Result<Option<Message>> {
        load_linked(ctx, self.0.last_message_key.clone().map(MessageByKey)).await
    }

    /// How many messages it has.
    async fn message_count(&self) -> i32 {
        int(self.0.message_count)
    }

    /// How many of its messages are unread: inbound, and not read by anyone of the team.
    async fn unread_count(&self) -> i32 {
        int(self.0.unread_count)
    }

    #[graphql(flatten)]
    async fn lists(&self) -> OfConversation {
        OfConversation(Parent::Conversation(self.0.id.clone()))
    }
}
