//! `tickets.toml`: the texts of tickets.

use serde::Deserialize;

use crate::template::Template;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TicketTexts {
    pub(crate) in_progress: Vec<String>,
    pub(crate) done: Vec<String>,
    pub(crate) cancelled: String,
    pub(crate) reminders: Vec<(u64, Reminder)>,
    kinds: Kinds,
}

/// How long before the due time a reminder is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reminder {
    pub(crate) amount: i64,
    pub(crate) unit: String,
    /// Minutes in one unit.
    pub(crate) minutes: i64,
}

/// The subject of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TicketKind {
    Delivery,
    Exchange,
    Complaint,
    Quote,
    Care,
}

/// A kind of ticket: the CRM's type id, and alternatives for its texts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KindTexts {
    pub(crate) id: String,
    pub(crate) titles: Vec<Template>,
    pub(crate) descriptions: Vec<Template>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kinds {
    delivery: KindTexts,
    exchange: KindTexts,
    complaint: KindTexts,
    quote: KindTexts,
    care: KindTexts,
}

impl TicketTexts {
    pub(crate) fn kind(&self, kind: TicketKind) -> &KindTexts {
        match kind {
            TicketKind::Delivery => &self.kinds.delivery,
            TicketKind::Exchange => &self.kinds.exchange,
            TicketKind::Complaint => &self.kinds.complaint,
            TicketKind::Quote => &self.kinds.quote,
            TicketKind::Care => &self.kinds.care,
        }
    }
}
