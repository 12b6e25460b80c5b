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
    /// The stored event that this type presents.
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

/// A webhook delivery from the CRM, stored unchanged in the event log. All other objects are projections of this log.
#[Object]
impl Event {
    /// The global id: `evt_` followed by the event's sequence number in the log, such as `evt_7`.
    pub(crate) async fn id(&self) -> ID {
        self.node_id().to_string().into()
    }

    /// The live cursor of this event. A subscription with `after` set to it starts with the changes that follow the event.
    async fn cursor(&self, ctx: &Context<'_>) -> Result<String> {
        let position = load(ctx, PositionOf(self.0.seq)).await?;
        let position = position.ok_or_else(|| Error::dangling("Event.cursor", self.0.seq))?;
        Ok(RequestContext::of(ctx).reader.live_cursor(position).to_string())
    }

    /// The kind of event: the webhook that delivered it.
    async fn kind(&self) -> EventKind {
        self.0.kind.into()
    }

    /// When the gateway received the event.
    async fn received_at(&self) -> DateTime {
        self.0.received_at.into()
    }

    /// The sender's delivery id, which makes redelivery idempotent: an id is stored once. Null if the sender gave none.
    async fn delivery_id(&self) -> Option<&str> {
        self.0.delivery_id.as_deref()
    }

    /// The payload of the webhook, as it was received.
    async fn payload(&self) -> Result<Json> {
        let payload = serde_json::from_str(&self.0.payload);
        payload.map(Json).map_err(|error| Error::internal(&error, "a stored payload is not JSON"))
    }

    /// The objects that the event concerns, as far as they exist: a message and its conversation, a conversation, one or more
    /// customers, or a ticket.
    async fn subjects(&self, ctx: &Context<'_>) -> Result<Vec<Node>> {
        let subjects = load(ctx, SubjectsOf(self.0.seq)).await?.unwrap_or_default();
        let ids = subjects.into_iter().filter_map(|(subject, id)| subject_id(subject, id));
        let found = try_join_all(ids.map(|id| Node::load(ctx, id))).await?;
        // Several ids can name the same ticket.
        let mut seen = HashSet::new();
        Ok(found.into_iter().flatten().filter(|node| seen.insert(node.node_id())).collect())
    }
}
