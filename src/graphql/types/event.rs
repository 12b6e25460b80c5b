//! Stored events.

use std::{collections::HashSet, sync::Arc};

use async_graphql::{Context, ID, Object};
use futures_util::future::try_join_all;

use super::{
    node::{Node, subject_id},
    words::EventKind,
};
use crate::{
    domain::id::NodeId,
    graphql::{
        error::{Error, Result},
        loader::{PositionOf, SubjectsOf, load},
        request::RequestContext,
        scalars::{DateTime, Json},
    },
    store::StoredEvent,
};

/// A stored event.
#[derive(Clone)]
pub(crate) struct Event(Arc<StoredEvent>);

impl Event {
    /// The value of `domain` behind it.
    pub(crate) fn as_domain(&self) -> &StoredEvent {
        &self.0
    }
}

impl From<StoredEvent> for Event {
    fn from(event: StoredEvent) -> Self {
        Self(Arc::new(event))
    }
}

impl Event {
    pub(crate) fn node_id(&self) -> NodeId {
        NodeId::Event(self.0.seq)
    }
}

/// A webhook of the CRM, stored exactly as it was received. Everything else here comes from these.
#[Object]
impl Event {
    /// The global id: `evt_` and the event's number in the log.
    pub(crate) async fn id(&self) -> ID {
        self.node_id().to_string().into()
    }

    /// The live cursor of this event: a subscription with `after` set to it goes on with what came after.
    async fn cursor(&self, ctx: &Context<'_>) -> Result<String> {
        let position = load(ctx, PositionOf(self.0.seq)).await?;
        let position = position.ok_or_else(|| Error::dangling("Event.cursor", self.0.seq))?;
        Ok(RequestContext::of(ctx).reader.live_cursor(position).to_string())
    }

    /// Which webhook it came by.
    async fn kind(&self) -> EventKind {
        self.0.kind.into()
    }

    /// When it was received.
    async fn received_at(&self) -> DateTime {
        self.0.received_at.into()
    }

    /// The sender's id of the delivery, where it gave one: a delivery that comes again is stored once.
    async fn delivery_id(&self) -> Option<&str> {
        self.0.delivery_id.as_deref()
    }

    /// The content, as it was received.
    async fn payload(&self) -> Result<Json> {
        let payload = serde_json::from_str(&self.0.payload);
        payload.map(Json).map_err(|error| Error::internal(&error, "a stored payload is not JSON"))
    }

    /// What it is about, where that exists: a message and its conversation, a conversation, customers, a ticket.
    async fn subjects(&self, ctx: &Context<'_>) -> Result<Vec<Node>> {
        let subjects = load(ctx, SubjectsOf(self.0.seq)).await?.unwrap_or_default();
        let ids = subjects.into_iter().filter_map(|(subject, id)| subject_id(subject, id));
        let found = try_join_all(ids.map(|id| Node::load(ctx, id))).await?;
        // A ticket may be named by several of its ids.
        let mut seen = HashSet::new();
        Ok(found.into_iter().flatten().filter(|node| seen.insert(node.node_id())).collect())
    }
}
