//! What the simulation yields: one webhook call after the other.

/// One webhook call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delivery {
    /// Which event it is, as the last segment of the webhook's address: `message-sent`.
    pub event: &'static str,
    /// The delivery id. A repeated delivery has the same id.
    pub id: String,
    /// When the CRM would have sent it, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// The body: a JSON object.
    pub payload: String,
}
