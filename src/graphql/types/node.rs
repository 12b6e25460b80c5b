//! The interface of all objects with a global id.

use async_graphql::{Context, ID, Interface};

use super::{Conversation, Customer, Event, Message, Staff, Ticket};
use crate::{
    domain::{change::SubjectType, id::NodeId},
    graphql::{
        error::Result,
        loader::{ConversationById, CustomerById, EventBySeq, MessageByKey, StaffById, TicketById, load},
    },
};

/// An object with a global id, as the Relay specification defines it.
#[derive(Clone, Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The global id: a prefix for the type followed by the id within that type, such as `cus_64f2aa`."
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
    /// Loads the object with this id, if it exists.
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

    /// The object's own global id. For a ticket it may differ from the id it was found by.
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

/// The global id of a subject of an event.
pub(crate) fn subject_id(subject: SubjectType, id: String) -> Option<NodeId> {
    Some(match subject {
        SubjectType::Customer => NodeId::Customer(id),
        SubjectType::Conversation => NodeId::Conversation(id),
        SubjectType::Message => NodeId::Message(id),
        SubjectType::Ticket => NodeId::Ticket(id),
        SubjectType::Event => NodeId::Event(id.parse().ok()?),
    })
}
