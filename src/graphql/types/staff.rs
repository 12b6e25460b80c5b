//! Staff members.

use std::sync::Arc;

use async_graphql::{ID, Object};

use crate::{
    domain::{id::NodeId, staff},
    graphql::lists::OfStaff,
    store::Parent,
};

/// A staff member.
#[derive(Clone)]
pub(crate) struct Staff(Arc<staff::Staff>);

impl From<staff::Staff> for Staff {
    fn from(staff: staff::Staff) -> Self {
        Self(Arc::new(staff))
    }
}

impl Staff {
    pub(crate) fn node_id(&self) -> NodeId {
        NodeId::Staff(self.0.id.clone())
    }
}

/// Someone of the team whom an event has mentioned.
#[Object]
impl Staff {
    /// The global id: `stf_` and the CRM's own id.
    pub(crate) async fn id(&self) -> ID {
        self.node_id().to_string().into()
    }

    /// The CRM's own id.
    async fn source_id(&self) -> &str {
        &self.0.id
    }

    /// The name; null until an event tells it.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    #[graphql(flatten)]
    async fn lists(&self) -> OfStaff {
        OfStaff(Parent::Staff(self.0.id.clone()))
    }
}
