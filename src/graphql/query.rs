//! The query root: by id, lists, and the head of the log.

use async_graphql::{Context, ID, Object};
use futures_util::future::try_join_all;

use super::{
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

/// Ids in one `nodes`.
const MAX_NODES: usize = 100;

/// The query root.
#[derive(Clone, Copy, Debug)]
pub struct Query;

/// Everything that can be read: by id, as lists, and from there along the links.
#[Object]
impl Query {
    /// Anything by its global id, such as `cus_64f2aa` or `msg_zalo_zl-4f1c0a9e7b`; null where there is nothing.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "A global id, as `id` gives it.")] id: ID) -> Result<Option<Node>> {
        Node::load(ctx, node_id("id", &id)?).await
    }

    /// Many things by their global ids, in the order of the ids; null where there is nothing.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global ids, 100 at most.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MAX_NODES {
            return Err(Error::TooMuch { limit: Limit::Nodes, argument: "ids".into(), allowed: MAX_NODES, requested: ids.len() });
        }
        let ids: Vec<NodeId> = ids.iter().map(|id| node_id("ids", id)).collect::<Result<_>>()?;
        try_join_all(ids.into_iter().map(|id| Node::load(ctx, id))).await
    }

    /// A customer, also a deleted one; null where there is none.
    async fn customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The customer's global id (`cus_64f2aa`) or the CRM's own (`64f2aa`).")] id: ID,
    ) -> Result<Option<Customer>> {
        first(ctx, source_ids("cus_", &id).map(|id| CustomerById(id.to_owned()))).await
    }

    /// A conversation; null where there is none.
    async fn conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation's global id (`con_71b0`) or the CRM's own (`71b0`).")] id: ID,
    ) -> Result<Option<Conversation>> {
        first(ctx, source_ids("con_", &id).map(|id| ConversationById(id.to_owned()))).await
    }

    /// A message; null where there is none.
    async fn message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message's global id: `msg_`, its platform, `_`, its id there, as in `msg_zalo_zl-4f1c0a9e7b`.")] id: ID,
    ) -> Result<Option<Message>> {
        match node_id("id", &id)? {
            NodeId::Message(key) => load(ctx, MessageByKey(key)).await,
            _ => Err(Error::BadInput {
                argument: "id".into(),
                message: format!("`{}` is not the id of a message: expected msg_<platform>_…", *id),
            }),
        }
    }

    /// A ticket, also a deleted one; null where there is none.
    async fn ticket(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ticket's global id (`tkt_TK-1029`) or any id the CRM ever gave it (`TK-1029`).")] id: ID,
    ) -> Result<Option<Ticket>> {
        first(ctx, source_ids("tkt_", &id).map(|id| TicketById(id.to_owned()))).await
    }

    /// A staff member; null where no event ever mentioned one with this id.
    async fn staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The staff member's global id (`stf_5f1e`) or the CRM's own (`5f1e`).")] id: ID,
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

    /// The live cursor at which this whole answer was read, to start a subscription at with `after`: nothing before it is
    /// missing in the answer, and nothing after it is there already. Every answer says the same in `extensions.position`.
    async fn head(&self, ctx: &Context<'_>) -> Result<String> {
        let context = RequestContext::of(ctx);
        Ok(context.reader.live_cursor(context.reader.head().await?).to_string())
    }
}

fn node_id(argument: &'static str, id: &ID) -> Result<NodeId> {
    id.parse().map_err(|error: InvalidId| Error::id(argument, &error))
}

/// The answer to the first of the questions that has one; all are asked at once.
async fn first<Q: Question>(ctx: &Context<'_>, questions: impl Iterator<Item = Q>) -> Result<Option<Q::Answer>> {
    Ok(load_all(ctx, questions).await?.into_iter().next())
}
