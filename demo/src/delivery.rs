//! The output of the simulation: a sequence of webhook calls.

/// One webhook call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delivery {
    /// The event, as the last path segment of the webhook's URL, such as `message-sent`.
    pub event: &'static str,
    /// The delivery id. A repeated delivery has the same id.
    pub id: String,
    /// When the CRM would have sent it, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// The body: a JSON object.
    pub payload: String,
}
