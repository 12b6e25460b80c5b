//! Objects by id and their dependent rows, many at a time.

use std::collections::{BTreeSet, HashMap};

use entity::{
    assignee, conversation, custom_field, customer, customer_status, event, message, social_account, staff, ticket, ticket_alias,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;

use super::Reader;
use crate::{
    domain::{
        change::SubjectType,
        conversation::Conversation,
        customer::Customer,
        event::{CustomerStatus, SocialAccount},
        message::Message,
        staff::Staff,
        ticket::Ticket,
    },
    store::{
        Error,
        bulk::{IN_LIST, Rows, rows_in},
        log::{StoredEvent, stored_event},
        projection::{self, history},
        rows,
    },
};

impl Reader {
    /// Customers by id. Customers of whom only the deletion is known are not found.
    pub async fn customers_by_id(&self, ids: &[String]) -> Result<HashMap<String, Customer>, Error> {
        let found = rows_in::<customer::Entity>(self.db(), customer::Column::Id, ids.iter().cloned()).await?;
        Ok(found.into_iter().filter(|row| row.version_at.is_some()).map(|row| (row.id.clone(), rows::customer(row))).collect())
    }

    /// Conversations by id.
    pub async fn conversations_by_id(&self, ids: &[String]) -> Result<HashMap<String, Conversation>, Error> {
        let found = rows_in::<conversation::Entity>(self.db(), conversation::Column::Id, ids.iter().cloned()).await?;
        Ok(found.into_iter().map(|row| (row.id.clone(), rows::conversation(row))).collect())
    }

    /// Messages by key.
    pub async fn messages_by_key(&self, keys: &[String]) -> Result<HashMap<String, Message>, Error> {
        let found = rows_in::<message::Entity>(self.db(), message::Column::Key, keys.iter().cloned()).await?;
        found.into_iter().map(|row| Ok((row.key.clone(), rows::message(row)?))).collect()
    }

    /// Tickets by any of their ids, keyed by the requested id. Tickets of which only the deletion is known are not found.
    pub async fn tickets_by_id(&self, ids: &[String]) -> Result<HashMap<String, Ticket>, Error> {
        let aliases = rows_in::<ticket_alias::Entity>(self.db(), ticket_alias::Column::Id, ids.iter().cloned()).await?;
        let named: BTreeSet<String> = aliases.iter().map(|alias| alias.ticket_id.clone()).collect();
        let found = rows_in::<ticket::Entity>(self.db(), ticket::Column::Id, named).await?;
        let found: HashMap<&str, &ticket::Model> =
            found.iter().filter(|row| row.version_at.is_some()).map(|row| (row.id.as_str(), row)).collect();
        let mut tickets = HashMap::new();
        for alias in aliases {
            if let Some(row) = found.get(alias.ticket_id.as_str()) {
                tickets.insert(alias.id, rows::ticket((*row).clone())?);
            }
        }
        Ok(tickets)
    }

    /// Staff members by id.
    pub async fn staff_by_id(&self, ids: &[String]) -> Result<HashMap<String, Staff>, Error> {
        let found = rows_in::<staff::Entity>(self.db(), staff::Column::Id, ids.iter().cloned()).await?;
        Ok(found.into_iter().map(|row| (row.id.clone(), rows::staff(row))).collect())
    }

    /// Events by sequence number.
    pub async fn events_by_seq(&self, seqs: &[i64]) -> Result<HashMap<i64, StoredEvent>, Error> {
        let mut events = HashMap::new();
        for chunk in seqs.chunks(500) {
            let found = self.db().all(event::Entity::find().filter(event::Column::Seq.is_in(chunk.iter().copied()))).await?;
            for row in found {
                events.insert(row.seq, stored_event(row)?);
            }
        }
        Ok(events)
    }

    /// The social accounts of customers, in the order sent.
    pub async fn social_accounts_of(&self, customers: &[String]) -> Result<HashMap<String, Vec<SocialAccount>>, Error> {
        let column = social_account::Column::CustomerId;
        let mut found = rows_in::<social_account::Entity>(self.db(), column, customers.iter().cloned()).await?;
        found.sort_unstable_by_key(|row| row.position);
        let mut accounts: HashMap<String, Vec<SocialAccount>> = HashMap::new();
        for row in found {
            accounts.entry(row.customer_id.clone()).or_default().push(rows::social_account(row)?);
        }
        Ok(accounts)
    }

    /// The statuses of customers, in the order sent.
    pub async fn statuses_of(&self, customers: &[String]) -> Result<HashMap<String, Vec<CustomerStatus>>, Error> {
        let column = customer_status::Column::CustomerId;
        let mut found = rows_in::<customer_status::Entity>(self.db(), column, customers.iter().cloned()).await?;
        found.sort_unstable_by_key(|row| row.position);
        let mut statuses: HashMap<String, Vec<CustomerStatus>> = HashMap::new();
        for row in found {
            statuses.entry(row.customer_id.clone()).or_default().push(rows::status(row));
        }
        Ok(statuses)
    }

    /// The custom fields of customers, in key order.
    pub async fn custom_fields_of(&self, customers: &[String]) -> Result<HashMap<String, Vec<(String, Value)>>, Error> {
        let column = custom_field::Column::CustomerId;
        let mut found = rows_in::<custom_field::Entity>(self.db(), column, customers.iter().cloned()).await?;
        found.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        let mut fields: HashMap<String, Vec<(String, Value)>> = HashMap::new();
        for row in found {
            let value = rows::json("custom_field", &row.customer_id, &row.value)?;
            fields.entry(row.customer_id).or_default().push((row.key, value));
        }
        Ok(fields)
    }

    /// The ids of the staff members to whom conversations are assigned, in the order sent.
    pub async fn assignees_of(&self, conversations: &[String]) -> Result<HashMap<String, Vec<String>>, Error> {
        let column = assignee::Column::ConversationId;
        let mut found = rows_in::<assignee::Entity>(self.db(), column, conversations.iter().cloned()).await?;
        found.sort_unstable_by_key(|row| row.position);
        let mut assignees: HashMap<String, Vec<String>> = HashMap::new();
        for row in found {
            assignees.entry(row.conversation_id).or_default().push(row.staff_id);
        }
        Ok(assignees)
    }

    /// The subjects of events, as type and source id, in order.
    pub async fn subjects_of(&self, events: &[i64]) -> Result<HashMap<i64, Vec<(SubjectType, String)>>, Error> {
        let mut subjects = HashMap::new();
        for chunk in events.chunks(IN_LIST) {
            let rows = self.db().all(event::Entity::find().filter(event::Column::Seq.is_in(chunk.iter().copied()))).await?;
            for row in rows {
                let event = history::logged(self.zone(), &row)?.event;
                let about: BTreeSet<(&str, SubjectType, String)> =
                    projection::subjects(&event).into_iter().map(|(kind, id)| (kind.word(), kind, id)).collect();
                subjects.insert(row.seq, about.into_iter().map(|(_, kind, id)| (kind, id)).collect());
            }
        }
        Ok(subjects)
    }
}
