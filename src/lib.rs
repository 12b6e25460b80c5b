//! deskgraph: a GraphQL gateway over a CRM's webhooks.

pub mod domain;
