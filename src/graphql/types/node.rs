//! The interface of everything that has a global id.

use async_graphql::{Context, ID, Interface};

use super::{Conversation, Customer, Event, Message, Staff, Ticket};
use crate::{
    domain::{change::SubjectType, id::NodeId},
    graphql::{
        error::Result,
        loader::{ConversationById, CustomerById, EventBySeq, MessageByKey, StaffById, TicketById, load},
    },
};

/// Anything that has a global id.
#[derive(Clone, Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The global id: a prefix that tells the type, then the CRM's own id, such as `cus_64f2aa`."
))]
pub(crate) enum Node {
    Customer(Customer),
    Conversation(Conversation),
    Message(Message),
    Ticket(Ticket),
    Staff(Staff),
    Event(Event),
}

impl Node {
    /// What has this id, if there is such a thing.
    pub(crate) async fn load(ctx: &Context<'_>, id: NodeId) -> Result<Option<Self>> {
        Ok(match id {
            NodeId::Customer(id) => load(ctx, CustomerById(id)).await?.map(Self::Customer),
            NodeId::Conversation(id) => load(ctx, ConversationById(id)).await?.map(Self::Conversation),
            NodeId::Message(key) => load(ctx, MessageByKey(key)).await?.map(Self::Message),
            NodeId::Ticket(id) => load(ctx, TicketById(id)).await?.map(Self::Ticket),
            NodeId::Staff(id) => load(ctx, StaffById(id)).await?.map(Self::Staff),
            NodeId::Event(seq) => load(ctx, EventBySeq(seq)).await?.map(Self::Event),
        })
    }

    /// Its own global id, which of a ticket can be another than the one it was found by.
    pub(crate) fn node_id(&self) -> NodeId {
        match self {
            Self::Customer(customer) => customer.node_id(),
            Self::Conversation(conversation) => conversation.node_id(),
            Self::Message(message) => message.node_id(),
            Self::Ticket(ticket) => ticket.node_id(),
            Self::Staff(staff) => staff.node_id(),
            Self::Event(event) => event.node_id(),
        }
    }
}

/// The global id of what an event is about.
pub(crate) fn subject_id(subject: SubjectType, id: String) -> Option<NodeId> {
    Some(match subject {
        SubjectType::Customer => NodeId::Customer(id),
        SubjectType::Conversation => NodeId::Conversation(id),
        SubjectType::Message => NodeId::Message(id),
        SubjectType::Ticket => NodeId::Ticket(id),
        SubjectType::Event => NodeId::Event(id.parse().ok()?),
    })
}
