//! Tells which of the given objects match a filter, for subscriptions that can't decide it from the object alone.

use std::collections::HashSet;

use entity::{conversation, customer, event, message, ticket, ticket_alias};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};

use super::Reader;
use crate::{
    domain::filter::{Conversations, Customers, Events, Filter, Messages, Tickets},
    store::{Error, bulk::rows_in, filter, narrow::of_given},
};

impl Reader {
    /// The customers among these that match, including deleted ones.
    pub async fn customers_matching(&self, ids: &[String], filter: &Filter<Customers>) -> Result<HashSet<String>, Error> {
        let all = Filter { include_deleted: true, ..filter.clone() };
        self.matching::<customer::Entity>(customer::Column::Id, ids, of_given(&all, self.view()).condition(self.view())).await
    }

    /// The conversations among these that match.
    pub async fn conversations_matching(&self, ids: &[String], filter: &Filter<Conversations>) -> Result<HashSet<String>, Error> {
        self.matching::<conversation::Entity>(conversation::Column::Id, ids, filter::condition(filter, self.view())).await
    }

    /// The messages among these that match.
    pub async fn messages_matching(&self, keys: &[String], filter: &Filter<Messages>) -> Result<HashSet<String>, Error> {
        self.matching::<message::Entity>(message::Column::Key, keys, of_given(filter, self.view()).condition(self.view())).await
    }

    /// The tickets among these, named by any of their ids, that match, including deleted ones.
    pub async fn tickets_matching(&self, ids: &[String], filter: &Filter<Tickets>) -> Result<HashSet<String>, Error> {
        let all = Filter { include_deleted: true, ..filter.clone() };
        let aliases = rows_in::<ticket_alias::Entity>(self.db(), ticket_alias::Column::Id, ids.iter().cloned()).await?;
        let named: Vec<String> = aliases.iter().map(|alias| alias.ticket_id.clone()).collect();
        let matching = self
            .matching::<ticket::Entity>(ticket::Column::Id, &named, of_given(&all, self.view()).condition(self.view()))
            .await?;
        Ok(aliases.into_iter().filter(|alias| matching.contains(&alias.ticket_id)).map(|alias| alias.id).collect())
    }

    /// The events among these that match.
    pub async fn events_matching(&self, seqs: &[i64], filter: &Filter<Events>) -> Result<HashSet<i64>, Error> {
        let mut matching = HashSet::new();
        for chunk in seqs.chunks(500) {
            let select = event::Entity::find()
                .select_only()
                .column(event::Column::Seq)
                .filter(event::Column::Seq.is_in(chunk.iter().copied()))
                .filter(filter::condition(filter, self.view()));
            matching.extend(self.db().select(select.into_tuple::<i64>()).await?);
        }
        Ok(matching)
    }

    async fn matching<E: EntityTrait>(
        &self,
        id: E::Column,
        ids: &[String],
        condition: Condition,
    ) -> Result<HashSet<String>, Error> {
        let mut matching = HashSet::new();
        for chunk in ids.chunks(500) {
            let select =
                E::find().select_only().column(id).filter(id.is_in(chunk.iter().map(String::as_str))).filter(condition.clone());
            matching.extend(self.db().select(select.into_tuple::<String>()).await?);
        }
        Ok(matching)
    }
}
