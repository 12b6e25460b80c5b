//! The current state of the shop, and the actions in it.
//!
//! Every action changes the shop first and is then reported as [`ShopEvent`]s, which `payload` turns into webhooks. The shop
//! reads no clock: `schedule` runs it through the history, `live` continues it. Nothing here depends on whether payloads are
//! written, so the live part can run through the history without writing it.

mod conversation;

pub(crate) use self::conversation::{Conversation, Message};
use crate::{
    ids::{KeyKind, key},
    person::{Person, Record},
    rng::Rng,
    ticket::Ticket,
};

/// An action for which the CRM sends a webhook. Conversations, people and tickets are indices.
#[derive(Debug)]
pub(crate) enum ShopEvent {
    Message(usize, Message),
    Status { conversation: usize, is_closed: bool },
    Customer { person: usize, is_new: bool },
    CustomersDeleted(Vec<usize>),
    Ticket { ticket: usize, is_new: bool },
    TicketDeleted(usize),
}

/// Who starts a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Starter {
    /// Someone who never becomes a customer.
    Stranger,
    /// Someone whose first message makes them a customer.
    Newcomer,
    Customer(usize),
}

/// The shop.
pub(crate) struct Shop {
    /// The root of all new ids. The live part sets its own, so that two runs have no ids in common.
    pub(crate) root: u64,
    pub(crate) rng: Rng,
    pub(crate) people: Vec<Person>,
    pub(crate) conversations: Vec<Conversation>,
    pub(crate) tickets: Vec<Ticket>,
    /// Where the numbers of new people, and of tickets, start.
    pub(crate) first_person: u64,
    pub(crate) first_ticket: u64,
    /// The number of the last order code.
    orders: u64,
    keys: u64,
}

impl Shop {
    /// An empty shop.
    pub(crate) fn new(root: u64) -> Self {
        Self {
            root,
            rng: Rng::new(key(root, KeyKind::Shop, 0)),
            people: vec![],
            conversations: vec![],
            tickets: vec![],
            first_person: 0,
            first_ticket: 1,
            orders: 1000,
            keys: 0,
        }
    }

    fn next_key(&mut self, kind: KeyKind) -> u64 {
        self.keys += 1;
        key(self.root, kind, self.keys)
    }

    /// Adds a person without a customer record and returns their index.
    pub(crate) fn add_person(&mut self) -> usize {
        let key = self.next_key(KeyKind::Person);
        let number = self.first_person + self.people.len() as u64;
        self.people.push(Person::new(key, number));
        self.people.len() - 1
    }

    /// A random customer who satisfies a condition, if one is found in a few tries.
    pub(crate) fn some_customer(&mut self, condition: impl Fn(&Person) -> bool) -> Option<usize> {
        (0..20).find_map(|_| {
            let index = if self.people.is_empty() { return None } else { self.rng.below(self.people.len()) };
            let person = &self.people[index];
            (person.record == Record::Exists && condition(person)).then_some(index)
        })
    }

    /// Staff edit a random customer's record.
    pub(crate) fn edit_some_customer(&mut self, at: i64, events: &mut Vec<ShopEvent>) {
        let Some(person) = self.some_customer(|_| true) else { return };
        self.people[person].edit(&mut self.rng, at);
        events.push(ShopEvent::Customer { person, is_new: false });
    }

    /// Deletes one to three customers who never ordered and have nothing open.
    pub(crate) fn delete_some_customers(&mut self, events: &mut Vec<ShopEvent>) {
        let mut deleted = Vec::new();
        for _ in 0..*self.rng.weighted(&[(60, 1), (30, 2), (10, 3)]) {
            let Some(person) = self.some_customer(|person| person.orders == 0 && person.conversations < 2) else { continue };
            let is_busy = self.conversations.iter().any(|conversation| {
                conversation.person == Some(person) && !(conversation.is_closed && conversation.script.is_empty())
            });
            if !is_busy && !self.tickets.iter().any(|ticket| ticket.person == person) {
                self.people[person].record = Record::Deleted;
                deleted.push(person);
            }
        }
        if !deleted.is_empty() {
            events.push(ShopEvent::CustomersDeleted(deleted));
        }
    }

    /// Staff work on a ticket. Returns whether it is still open afterwards.
    pub(crate) fn work_on_ticket(&mut self, ticket: usize, at: i64, events: &mut Vec<ShopEvent>) -> bool {
        if self.people[self.tickets[ticket].person].record != Record::Exists || !self.tickets[ticket].is_open() {
            return false;
        }
        self.tickets[ticket].work(&mut self.rng, at);
        events.push(ShopEvent::Ticket { ticket, is_new: false });
        self.tickets[ticket].is_open()
    }

    /// Deletes a random closed ticket.
    pub(crate) fn delete_some_ticket(&mut self, events: &mut Vec<ShopEvent>) {
        for _ in 0..20 {
            if self.tickets.is_empty() {
                return;
            }
            let ticket = self.rng.below(self.tickets.len());
            if !self.tickets[ticket].is_open() && !self.tickets[ticket].is_deleted {
                self.tickets[ticket].is_deleted = true;
                events.push(ShopEvent::TicketDeleted(ticket));
                return;
            }
        }
    }
}
