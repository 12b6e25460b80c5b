//! The types of the schema, one file per thing. Each wraps a value of `domain` and shows it under the names of the contract;
//! what belongs to it or is linked to it is asked for through `loader`.

mod conversation;
mod customer;
mod event;
mod message;
mod node;
mod parts;
mod staff;
mod ticket;
mod words;

pub(crate) use self::{
    conversation::Conversation,
    customer::Customer,
    event::Event,
    message::Message,
    node::Node,
    staff::Staff,
    ticket::Ticket,
    words::{ChatMode, Direction, EventKind, MessageType, Platform, TicketLevel, TicketStatus},
};
