//! The query root: objects by id, and the live cursor of the response. Lists, search, statistics and the keys of custom fields
//! are flattened into it.

use async_graphql::{Context, ID, Object};
use futures_util::future::try_join_all;

use super::{
    custom_fields::CustomFields,
    error::{Error, Limit, Result},
    lists::Everything,
    loader::{ConversationById, CustomerById, MessageByKey, Question, StaffById, TicketById, load, load_all},
    request::RequestContext,
    search::Searching,
    statistics::Statistics,
    types::{Conversation, Customer, Message, Node, Staff, Ticket},
};
use crate::{
    domain::id::{InvalidId, NodeId, source_ids},
    store::Parent,
};

/// The maximum number of ids in one `nodes`.
const MAX_NODES: usize = 100;

/// The query root.
#[derive(Clone, Copy, Debug)]
pub struct Query;

/// Entry points for reading: objects by id, lists, full-text search and statistics. One request reads one snapshot of the store.
#[Object]
impl Query {
    /// Returns any object by its global id, such as `cus_64f2aa`. Null if there is no such object.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id: the field `id` of any object.")] id: ID,
    ) -> Result<Option<Node>> {
        Node::load(ctx, node_id("id", &id)?).await
    }

    /// Returns objects by their global ids, in the order of `ids`, with null for each id that has no object.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MAX_NODES {
            return Err(Error::TooMuch { limit: Limit::Nodes, argument: "ids".into(), allowed: MAX_NODES, requested: ids.len() });
        }
        let ids: Vec<NodeId> = ids.iter().map(|id| node_id("ids", id)).collect::<Result<_>>()?;
        try_join_all(ids.into_iter().map(|id| Node::load(ctx, id))).await
    }

    /// Returns a customer, even a deleted one. Null if there is no such customer.
    async fn customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The customer's global id (`cus_64f2aa`) or the CRM's id (`64f2aa`).")] id: ID,
    ) -> Result<Option<Customer>> {
        first(ctx, source_ids("cus_", &id).map(|id| CustomerById(id.to_owned()))).await
    }

    /// Returns a conversation. Null if there is no such conversation.
    async fn conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation's global id (`con_71b0`) or the CRM's id (`71b0`).")] id: ID,
    ) -> Result<Option<Conversation>> {
        first(ctx, source_ids("con_", &id).map(|id| ConversationById(id.to_owned()))).await
    }

    /// Returns a message. Null if there is no such message.
    async fn message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message's global id, such as `msg_zalo_zl-4f1c0a9e7b`.")] id: ID,
    ) -> Result<Option<Message>> {
        match node_id("id", &id)? {
            NodeId::Message(key) => load(ctx, MessageByKey(key)).await,
            _ => Err(Error::BadInput {
                argument: "id".into(),
                message: format!("`{}` is not the id of a message: expected msg_<platform>_…", *id),
            }),
        }
    }

    /// Returns a ticket, even a deleted one. Null if there is no such ticket.
    async fn ticket(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ticket's global id (`tkt_TK-1029`) or any id that the CRM has used for it (`TK-1029`).")] id: ID,
    ) -> Result<Option<Ticket>> {
        first(ctx, source_ids("tkt_", &id).map(|id| TicketById(id.to_owned()))).await
    }

    /// Returns a staff member. Null if no event has mentioned one with this id.
    async fn staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The staff member's global id (`stf_5f1e`) or the CRM's id (`5f1e`).")] id: ID,
    ) -> Result<Option<Staff>> {
        first(ctx, source_ids("stf_", &id).map(|id| StaffById(id.to_owned()))).await
    }

    #[graphql(flatten)]
    async fn lists(&self) -> Everything {
        Everything(Parent::All)
    }

    #[graphql(flatten)]
    async fn searching(&self) -> Searching {
        Searching
    }

    #[graphql(flatten)]
    async fn statistics(&self) -> Statistics {
        Statistics
    }

    #[graphql(flatten)]
    async fn custom_fields(&self) -> CustomFields {
        CustomFields
    }

    /// The live cursor of the snapshot that this response was read from. A subscription with `after` set to it delivers exactly
    /// the changes that the response does not contain. Every response to a query also reports it in `extensions.position`.
    async fn head(&self, ctx: &Context<'_>) -> Result<String> {
        let context = RequestContext::of(ctx);
        Ok(context.reader.live_cursor(context.reader.head().await?).to_string())
    }
}

fn node_id(argument: &'static str, id: &ID) -> Result<NodeId> {
    id.parse().map_err(|error: InvalidId| Error::id(argument, &error))
}

/// Loads all keys in one batch and returns the first value found.
async fn first<Q: Question>(ctx: &Context<'_>, questions: impl Iterator<Item = Q>) -> Result<Option<Q::Answer>> {
    Ok(load_all(ctx, questions).await?.into_iter().next())
}
