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

/// A member of the team. Staff members become known when an event mentions them.
#[Object]
impl Staff {
    /// The global id: `stf_` followed by the CRM's id, such as `stf_5f1e`.
    pub(crate) async fn id(&self) -> ID {
        self.node_id().to_string().into()
    }

    /// The CRM's id, such as `5f1e`.
    async fn source_id(&self) -> &str {
        &self.0.id
    }

    /// The staff member's name. Null until an event contains it.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    #[graphql(flatten)]
    async fn lists(&self) -> OfStaff {
        OfStaff(Parent::Staff(self.0.id.clone()))
    }
}
