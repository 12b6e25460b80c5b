//! The object types of the schema, one file each. A type wraps a `domain` value and presents it under the names of the
//! contract. Related objects are read through `loader`, so that the resolvers of many parents share a statement.

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
    words::{ChannelKind, ChatMode, Direction, EventKind, MessageType, Platform, ReminderUnit, TicketLevel, TicketStatus},
};
