//! `[roles.NAME]`: what clients of a role may see and use. A role must be named here to exist.

use serde::{Deserialize, Serialize};

/// `[roles.NAME]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Role {
    /// The conversations that it sees: a `ConversationFilter` as a GraphQL literal. Without one, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversations: Option<String>,
    /// The tickets that it sees: a `TicketFilter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tickets: Option<String>,
    /// The customers that it sees: a `CustomerFilter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customers: Option<String>,
    /// Whether it sees the raw log. Unless it is said, a role with a filter does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<bool>,
    /// Fields that it does not see, such as `Customer.phone`.
    pub masks: Vec<String>,
    /// Whether it may ask for the schema.
    pub introspection: bool,
    /// Limits of each of its credentials.
    pub limits: RoleLimits,
}

impl Default for Role {
    fn default() -> Self {
        Self {
            conversations: None,
            tickets: None,
            customers: None,
            events: None,
            masks: Vec::new(),
            introspection: true,
            limits: RoleLimits::default(),
        }
    }
}

/// `[roles.NAME.limits]`: each beside the gateway's own limits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoleLimits {
    /// Complexity of all requests in a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complexity_per_minute: Option<u64>,
    /// Requests that run at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_requests: Option<usize>,
    /// Live connections at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connections: Option<usize>,
}
