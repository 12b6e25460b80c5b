//! The steps of a script.

use crate::{
    data::{Media, Speaker},
    ticket::TicketDraft,
};

/// A message before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct MessageDraft {
    pub(crate) by: Speaker,
    pub(crate) media: Media,
    pub(crate) text: String,
}

/// The next action in a conversation.
pub(crate) enum Action {
    Send(MessageDraft),
    /// Staff close the conversation.
    Close,
    /// The customer has ordered: the order code, and the total in thousands of đồng.
    Order(String, i64),
    /// Staff open a ticket.
    OpenTicket(TicketDraft),
}

/// An action and the busy time before it.
pub(crate) struct Step {
    pub(crate) pause: i64,
    pub(crate) action: Action,
}
