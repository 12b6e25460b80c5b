//! Folds events into projections: the only code that does so, shared by live traffic, rebuild and verify.
//!
//! A batch of events is folded in memory onto the stored state of its subjects, which is read and written table by table. The
//! folding rules are in `domain`; this module loads and writes the rows. The caller owns the transaction.

mod changes;
mod conversations;
pub(super) mod counts;
mod customers;
pub(super) mod history;
mod links;
mod messages;
mod staff;
mod subjects;
pub(super) mod tables;
mod tickets;
mod tracked;

use std::{collections::BTreeMap, sync::Arc};

use self::{changes::Changes, subjects::Subjects};
pub(super) use self::{changes::NewChange, subjects::subjects};
use super::{Error, bulk::Rows, write::Transaction};
use crate::domain::{event::Event, kind::EventKind, time::Timestamp, zone::Zone};

/// An event with its sequence number.
#[derive(Clone, Debug)]
pub(super) struct Logged {
    pub(super) seq: i64,
    pub(super) received_at: Timestamp,
    pub(super) event: Arc<Event>,
    /// For messages, the digest of the payload.
    pub(super) digest: Option<String>,
}

/// Folds events into the projections of `db`. Reads `log` for the history of subjects whose events arrive out of order. Returns
/// the changes in log order.
pub(super) async fn project<L: Rows>(db: &Transaction, log: &L, zone: &Zone, events: &[Logged]) -> Result<Vec<NewChange>, Error> {
    let mut batch = Batch::load(db, log, zone, events).await?;
    for event in events {
        batch.apply(event).await?;
    }
    batch.save().await
}

/// The state of all subjects of a batch.
struct Batch<'a, L> {
    db: &'a Transaction,
    log: &'a L,
    zone: &'a Zone,
    /// The number of events.
    events: usize,
    customers: customers::Customers,
    tickets: tickets::Tickets,
    messages: messages::Messages,
    conversations: conversations::Conversations,
    staff: staff::StaffMembers,
    /// Customers that became visible, with the event that caused it.
    appeared: BTreeMap<String, i64>,
    deciders: links::Deciders,
    /// Stored conversations whose customer changed, by the new customer: all their messages must be updated.
    relinked: BTreeMap<Option<String>, Vec<String>>,
    changes: Changes,
}

impl<'a, L: Rows> Batch<'a, L> {
    async fn load(db: &'a Transaction, log: &'a L, zone: &'a Zone, events: &[Logged]) -> Result<Self, Error> {
        let events: Vec<&Event> = events.iter().map(|logged| logged.event.as_ref()).collect();
        let subjects = Subjects::of(&events);
        let messages = messages::load(db, &subjects).await?;
        Ok(Self {
            db,
            log,
            zone,
            events: events.len(),
            customers: customers::load(db, &subjects).await?,
            tickets: tickets::load(db, &subjects).await?,
            conversations: conversations::load(db, &subjects, &messages).await?,
            messages,
            staff: staff::load(db, &events).await?,
            appeared: BTreeMap::new(),
            deciders: links::Deciders::default(),
            relinked: BTreeMap::new(),
            changes: Changes::default(),
        })
    }

    async fn apply(&mut self, logged: &Logged) -> Result<(), Error> {
        match logged.event.as_ref() {
            Event::Message(message) => self.apply_message(logged, message).await,
            Event::Status(status) => {
                self.apply_status(logged, status);
                Ok(())
            }
            Event::Customer(snapshot) => self.apply_customer(logged, snapshot).await,
            Event::CustomerDeleted(deleted) => {
                self.delete_customers(logged, &deleted.ids);
                Ok(())
            }
            Event::Ticket(snapshot) => self.apply_ticket(logged, snapshot).await,
            Event::TicketDeleted { id } => {
                self.delete_ticket(logged, id);
                Ok(())
            }
        }
    }

    async fn save(mut self) -> Result<Vec<NewChange>, Error> {
        staff::save(self.db, &self.staff).await?;
        customers::save(self.db, &self.customers).await?;
        tickets::save(self.db, &self.tickets).await?;
        self.link().await?;
        self.save_messages().await?;
        self.save_conversations().await?;
        self.save_counts().await?;
        Ok(self.changes.in_log_order())
    }
}

/// The kind under which an event is stored.
pub(super) fn kind_word(event: &Event) -> &'static str {
    EventKind::name(event.kind())
}
