//! Links that are resolved late: the customers of conversations, and of tickets that arrive before their customers.
//!
//! Runs after the batch's customers and tickets are written, so candidates are read from the database, and before the batch's
//! conversations and messages are written.

use std::collections::{BTreeSet, HashMap};

use entity::{conversation as conversation_table, customer as customer_table, social_account, ticket};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::Batch;
use crate::{
    domain::{
        change::{Presence, SubjectType},
        contact, conversation, customer,
        link::{Candidate, Match, choose, platform_matches},
        time::Timestamp,
        words,
    },
    store::{Error, bulk::Rows, rows},
};

/// The properties of a conversation that determine its customer.
#[derive(PartialEq)]
pub(super) struct Contact {
    platform: String,
    id: Option<String>,
}

impl Contact {
    pub(super) fn of(state: &conversation::State) -> Self {
        Self { platform: state.shown.platform_key(), id: state.shown.contact.source_id.clone() }
    }
}

/// The events that last changed something that determines links. A changed link is attributed to them.
#[derive(Default)]
pub(super) struct Deciders {
    conversations: HashMap<String, i64>,
    customers: HashMap<String, i64>,
}

impl Deciders {
    /// Records that an event changed the contact of a conversation.
    pub(super) fn conversation(&mut self, id: &str, seq: i64) {
        self.conversations.insert(id.to_owned(), seq);
    }

    /// Records that an event changed a customer in a way that may affect links.
    pub(super) fn customer(&mut self, id: &str, seq: i64) {
        self.customers.insert(id.to_owned(), seq);
    }

    /// The event that changed the customer of a conversation.
    fn of_link(&self, conversation: &str, customers: [Option<&String>; 2]) -> i64 {
        let customers = customers.into_iter().flatten().filter_map(|id| self.customers.get(id));
        customers.chain(self.conversations.get(conversation)).copied().max().unwrap_or_default()
    }
}

/// The properties of a customer that determine links.
#[derive(Default, PartialEq)]
pub(super) struct Linkage {
    social: BTreeSet<(Option<String>, String)>,
    email_key: Option<String>,
    phone_key: Option<String>,
    presence: Option<Presence>,
    updated_at: Option<Timestamp>,
}

impl Linkage {
    pub(super) fn of(state: &customer::State) -> Self {
        let accounts = state
            .social
            .iter()
            .filter_map(|account| Some((account.platform.as_deref().map(words::key), account.source_id.clone()?)));
        Self {
            social: accounts.collect(),
            email_key: state.profile.email.as_deref().and_then(contact::email_key),
            phone_key: state.profile.phone.as_deref().and_then(contact::phone_key),
            presence: Some(state.lifecycle.into()),
            updated_at: state.profile.updated_at,
        }
    }
}

impl<L: Rows> Batch<'_, L> {
    /// Resolves every link that this batch may affect.
    pub(super) async fn link(&mut self) -> Result<(), Error> {
        self.announce_customers_to_tickets().await?;
        let affected = self.affected_conversations().await?;
        let choices = self.choices(&affected).await?;
        for (id, chosen) in choices {
            let tracked = self.conversations.find_mut(&id);
            let Some(tracked) = tracked.filter(|tracked| tracked.now.shown.customer_id != chosen) else { continue };
            let before = std::mem::replace(&mut tracked.now.shown.customer_id, chosen.clone());
            let seq = self.deciders.of_link(&id, [chosen.as_ref(), before.as_ref()]);
            if tracked.before.is_some() {
                self.relinked.entry(chosen.clone()).or_default().push(id.clone());
            }
            self.changes.relink(seq, SubjectType::Conversation, &id, before, chosen);
        }
        Ok(())
    }

    /// Records that a customer became visible, which changes the batch's tickets that refer to it.
    pub(super) fn appear(&mut self, customer_id: &str, seq: i64) {
        for id in self.tickets.of_customer(customer_id) {
            self.changes.relink(seq, SubjectType::Ticket, id, None, Some(customer_id.to_owned()));
        }
        self.appeared.insert(customer_id.to_owned(), seq);
    }

    /// Does the same for tickets outside this batch.
    async fn announce_customers_to_tickets(&mut self) -> Result<(), Error> {
        let appeared = self.appeared.keys().map(String::as_str).collect::<Vec<_>>();
        for chunk in appeared.chunks(500) {
            let waiting = ticket::Entity::find()
                .select_only()
                .columns([ticket::Column::Id, ticket::Column::CustomerId])
                .filter(ticket::Column::CustomerId.is_in(chunk.iter().copied()))
                .filter(ticket::Column::VersionAt.is_not_null());
            let waiting = self.db.query(&waiting.into_query()).await?;
            let waiting = waiting.iter().filter_map(|row| row.text(0).zip(row.text(1)));
            for (id, customer_id) in waiting.filter(|(id, _)| !self.tickets.holds(id)) {
                let seq = self.appeared.get(customer_id).copied().unwrap_or_default();
                self.changes.relink(seq, SubjectType::Ticket, id, None, Some(customer_id.to_owned()));
            }
        }
        Ok(())
    }

    /// Conversations whose contact changed, and conversations that a changed customer has, had or may match.
    async fn affected_conversations(&mut self) -> Result<BTreeSet<String>, Error> {
        let mut affected: BTreeSet<String> = self
            .conversations
            .iter()
            .filter(|(_, tracked)| tracked.before.as_ref().map(Contact::of) != Some(Contact::of(&tracked.now)))
            .map(|(id, _)| id.clone())
            .collect();

        let (mut contact_ids, mut contact_keys, mut customers) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for (id, tracked) in self.customers.iter().filter(|(id, _)| self.deciders.customers.contains_key(*id)) {
            let before = tracked.before.as_ref().map(Linkage::of);
            let now = Linkage::of(&tracked.now);
            if before.as_ref() == Some(&now) {
                continue;
            }
            customers.insert(id.clone());
            contact_ids.insert(id.clone());
            for linkage in before.into_iter().chain([now]) {
                contact_ids.extend(linkage.social.into_iter().map(|(_, source_id)| source_id));
                contact_keys.extend(linkage.email_key.into_iter().chain(linkage.phone_key));
            }
        }
        if customers.is_empty() {
            return Ok(affected);
        }
        for (id, tracked) in self.conversations.iter() {
            let shown = &tracked.now.shown;
            let is_in = |set: &BTreeSet<String>, value: Option<&String>| value.is_some_and(|value| set.contains(value));
            if is_in(&contact_ids, shown.contact.source_id.as_ref())
                || is_in(&contact_keys, shown.contact_key().as_ref())
                || is_in(&customers, shown.customer_id.as_ref())
            {
                affected.insert(id.clone());
            }
        }
        for (column, values) in [
            (conversation_table::Column::ContactId, contact_ids),
            (conversation_table::Column::ContactKey, contact_keys),
            (conversation_table::Column::CustomerId, customers),
        ] {
            let stored = self.db.rows_in::<conversation_table::Entity>(column, values).await?;
            affected.extend(stored.iter().map(|row| row.id.clone()));
            self.conversations.add(self.db, stored).await?;
        }
        Ok(affected)
    }

    /// The customer that each of these conversations should have.
    async fn choices(&self, conversations: &BTreeSet<String>) -> Result<Vec<(String, Option<String>)>, Error> {
        let shown = || conversations.iter().filter_map(|id| self.conversations.find(id)).map(|tracked| &tracked.now.shown);
        let contact_ids: BTreeSet<String> = shown().filter_map(|shown| shown.contact.source_id.clone()).collect();
        let contact_keys: BTreeSet<String> = shown().filter_map(conversation::Conversation::contact_key).collect();

        let accounts = self.db.rows_in::<social_account::Entity>(social_account::Column::SourceId, contact_ids.clone()).await?;
        let ids: BTreeSet<String> = accounts.iter().map(|row| row.customer_id.clone()).chain(contact_ids).collect();
        let mut customers = self.db.rows_in::<customer_table::Entity>(customer_table::Column::Id, ids).await?;
        customers
            .extend(self.db.rows_in::<customer_table::Entity>(customer_table::Column::EmailKey, contact_keys.clone()).await?);
        customers.extend(self.db.rows_in::<customer_table::Entity>(customer_table::Column::PhoneKey, contact_keys).await?);
        let customers: HashMap<&str, &customer_table::Model> =
            customers.iter().filter(|row| row.version_at.is_some()).map(|row| (row.id.as_str(), row)).collect();

        let mut by_account: HashMap<&str, Vec<(&str, Option<&str>)>> = HashMap::new();
        for row in &accounts {
            if let Some(source_id) = &row.source_id {
                by_account.entry(source_id).or_default().push((&row.customer_id, row.platform_key.as_deref()));
            }
        }
        let mut by_address: HashMap<&str, Vec<&str>> = HashMap::new();
        for row in customers.values() {
            for key in row.email_key.iter().chain(&row.phone_key) {
                by_address.entry(key).or_default().push(&row.id);
            }
        }
        let candidate = |id: &str, by: Match| {
            customers.get(id).map(|row| Candidate {
                id: row.id.clone(),
                by,
                deleted: row.deleted_at.is_some(),
                updated_at: rows::time(row.updated_at),
            })
        };
        Ok(shown()
            .map(|shown| {
                let Some(contact_id) = shown.contact.source_id.as_deref() else { return (shown.id.clone(), None) };
                let platform = shown.platform_key();
                let accounts = by_account.get(contact_id).into_iter().flatten();
                let social = accounts
                    .filter(|(_, account)| platform_matches(*account, &platform))
                    .map(|(id, _)| (*id, Match::SocialAccount));
                let contact_key = shown.contact_key();
                let addressed = contact_key.iter().flat_map(|key| by_address.get(key.as_str()).into_iter().flatten());
                let matches = social.chain([(contact_id, Match::OwnId)]).chain(addressed.map(|id| (*id, Match::Address)));
                (shown.id.clone(), choose(matches.filter_map(|(id, by)| candidate(id, by))))
            })
            .collect())
    }
}
