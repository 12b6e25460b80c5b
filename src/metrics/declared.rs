//! The list of all metrics and their labels.
//!
//! Names follow the conventions of Prometheus: base units (seconds, bytes), and the suffix `_total` for counters. Gauges of
//! state that is kept elsewhere, such as the depth of a queue, are updated at scrape time (`http::metrics`).

use super::{
    histogram::{Counts, Seconds},
    meters::{Build, By, Counter, Gauge, Histogram, LabelPairs, Labels, Meter, Registry},
};
use crate::domain::kind::EventKind;

macro_rules! declared {
    ($(#[$doc:meta])* $group:ident, $names:ident: $($field:ident: $meter:ty = $name:literal, $help:literal;)+) => {
        $(#[$doc])*
        pub struct $group {
            $(#[doc = $help] pub $field: $meter,)+
        }

        impl $group {
            pub(super) fn register(registry: &Registry, labels: LabelPairs<'_>) -> Self {
                Self { $($field: <$meter>::register(registry, $name, $help, labels),)+ }
            }
        }

        const $names: &[&str] = &[$($name),+];
    };
}

declared! {
    /// The metrics of a gateway.
    Declared, OF_GATEWAY:

    build: Build = "deskgraph_build_info", "Always 1; the label `version` has the version of the program.";

    deliveries: By<(Option<EventKind>, DeliveryOutcome), Counter> = "deskgraph_deliveries_total",
        "Webhook deliveries, by event kind and outcome.";
    delivery_seconds: Histogram<Seconds> = "deskgraph_delivery_seconds",
        "Time in seconds from receiving the body of a delivery to its answer.";
    rejected: Gauge = "deskgraph_rejected_deliveries",
        "Rejected deliveries kept for `deskgraph retry`, counted up to 10000.";
    credentials_refused: By<CredentialFault, Counter> = "deskgraph_credentials_refused_total",
        "Requests and connections refused because of their credential, by reason.";

    queue: Gauge = "deskgraph_writer_queue_deliveries", "Deliveries waiting in the writer's queue.";
    queue_capacity: Gauge = "deskgraph_writer_queue_capacity_deliveries",
        "Capacity of the writer's queue; deliveries beyond it are answered 503.";
    batch: Histogram<Counts> = "deskgraph_writer_batch_deliveries", "Deliveries stored in one transaction.";
    commit_seconds: Histogram<Seconds> = "deskgraph_writer_commit_seconds",
        "Time in seconds to store a batch, from acquiring the lock to the synced commit.";
    batches_failed: Counter = "deskgraph_writer_batches_failed_total",
        "Batches of which at least one delivery could not be stored.";

    position: Gauge = "deskgraph_log_position", "The position of the newest stored change.";
    live_position: Gauge = "deskgraph_live_position", "The position up to which subscribers were served.";
    projection_lag: Gauge = "deskgraph_projection_lag_events",
        "Events in the log that are not projected yet. Normally 0, since both are stored in one transaction.";
    search_lag: Gauge = "deskgraph_search_index_lag_texts",
        "Texts not yet in the search index, which every search scans one by one; counted up to 100000.";
    database_up: Gauge = "deskgraph_database_up", "1 if the database answered during this scrape, otherwise 0.";
    pool: By<(Pool, PoolState), Gauge> = "deskgraph_pool_connections",
        "Database connections that read for clients, by pool and state.";

    webhook_to_subscriber: Histogram<Seconds> = "deskgraph_webhook_to_subscriber_seconds",
        "Time in seconds from the arrival of a delivery to handing its payload to a subscriber's connection at the same gateway.";
    subscribers: By<Transport, Gauge> = "deskgraph_subscribers", "Active subscriptions, by transport.";
    payloads: By<Transport, Counter> = "deskgraph_subscription_payloads_total", "Payloads handed to subscribers' connections.";
    connections: Gauge = "deskgraph_live_connections", "Open WebSocket connections and event streams.";
    topics: Gauge = "deskgraph_topics", "Distinct active subscriptions; equal subscriptions share a topic.";
    demotions: Counter = "deskgraph_demotions_total",
        "Subscribers that fell behind the history of their topic and continued by reading the database on their own.";
    resumptions: Counter = "deskgraph_resumptions_total",
        "Subscribers that resumed before the history of their topic and started by reading the database on their own.";
    reading_alone: Gauge = "deskgraph_subscribers_reading_alone", "Subscribers that currently read the database on their own.";

    complexity: Histogram<Counts> = "deskgraph_graphql_request_complexity", "Complexity of GraphQL requests.";
    statements: Histogram<Counts> = "deskgraph_graphql_request_statements", "Database statements per query.";
}

declared! {
    /// The metrics of one GraphQL operation.
    Operation, OF_OPERATION:

    requests: By<RequestOutcome, Counter> = "deskgraph_graphql_requests_total",
        "GraphQL requests, by operation name (100 names at most) and outcome. A subscription counts when it starts.";
    seconds: Histogram<Seconds> = "deskgraph_graphql_request_seconds", "Time in seconds to answer a query.";
}

/// The names of all metrics: those of a gateway, and those of each operation.
pub const NAMES: [&[&str]; 2] = [OF_GATEWAY, OF_OPERATION];

macro_rules! labels {
    ($($(#[$doc:meta])* $label:ident = $name:literal { $($(#[$of_value:meta])* $value:ident = $text:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $label {
            $($(#[$of_value])* $value,)+
        }

        impl $label {
            const ALL: &[(Self, &'static str)] = &[$((Self::$value, $text)),+];
        }

        impl Labels for $label {
            const COUNT: usize = Self::ALL.len();

            fn index(self) -> usize {
                self as usize
            }

            fn pairs(index: usize) -> Vec<(&'static str, &'static str)> {
                vec![($name, Self::ALL[index].1)]
            }
        }
    )+};
}

labels! {
    /// The outcome of a delivery.
    DeliveryOutcome = "outcome" {
        /// Stored.
        Stored = "stored",
        /// Had been stored before.
        Duplicate = "duplicate",
        /// Not a valid event; kept for `deskgraph retry`.
        Rejected = "rejected",
        /// Not JSON, too large, or sent to an unknown path.
        Unreadable = "unreadable",
        /// Not authenticated.
        Unauthorized = "unauthorized",
        /// Not stored for now; the sender will retry.
        Unavailable = "unavailable",
    }

    /// Why a credential was refused.
    CredentialFault = "reason" {
        /// The request has no credential.
        Missing = "missing",
        /// The credential is not valid.
        Invalid = "invalid",
        /// The credential can't be checked for now.
        Unavailable = "unavailable",
    }

    /// The transport of a subscription.
    Transport = "transport" {
        /// A WebSocket.
        WebSocket = "websocket",
        /// Server-sent events.
        Sse = "sse",
        /// `multipart/mixed`.
        Multipart = "multipart",
        /// In process, without a network connection.
        Internal = "internal",
    }

    /// The outcome of a GraphQL request, in ascending severity.
    RequestOutcome = "outcome" {
        /// Answered.
        Ok = "ok",
        /// The client disconnected before the answer.
        Cancelled = "cancelled",
        /// The document or an argument is invalid.
        Invalid = "invalid",
        /// Exceeds a limit or is not permitted.
        Refused = "refused",
        /// Exceeded its time limit.
        Timeout = "timeout",
        /// The database was unreachable.
        Unavailable = "unavailable",
        /// Internal error.
        Failed = "failed",
    }

    /// The purpose of a pool's connections.
    Pool = "pool" {
        /// Planned queries.
        Requests = "requests",
        /// Single statements.
        Statements = "statements",
    }

    /// The state of a connection.
    PoolState = "state" {
        /// In use.
        Busy = "busy",
        /// Available.
        Idle = "idle",
    }
}

impl Labels for Option<EventKind> {
    const COUNT: usize = EventKind::ALL.len() + 1;

    fn index(self) -> usize {
        self.map_or(EventKind::ALL.len(), |kind| kind as usize)
    }

    fn pairs(index: usize) -> Vec<(&'static str, &'static str)> {
        vec![("kind", EventKind::ALL.get(index).map_or("unknown", |kind| kind.name()))]
    }
}
