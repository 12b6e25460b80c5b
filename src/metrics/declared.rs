//! The one list of metrics, and of the labels that they have.
//!
//! Names by the conventions of Prometheus: base units (seconds, bytes), `_total` for what only grows. What a gateway does not
//! keep count of by itself, such as the depth of a queue, is asked when somebody reads (`http::metrics`).

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

    build: Build = "deskgraph_build_info", "Always 1; the label has the version of the program.";

    deliveries: By<(Option<EventKind>, DeliveryOutcome), Counter> = "deskgraph_deliveries_total",
        "Deliveries of webhooks, by the kind of their event and what became of them.";
    delivery_seconds: Histogram<Seconds> = "deskgraph_delivery_seconds",
        "Time from the body of a delivery to its answer.";
    rejected: Gauge = "deskgraph_rejected_deliveries",
        "Rejected deliveries that are kept for `deskgraph retry`, counted up to 10000.";
    credentials_refused: By<CredentialFault, Counter> = "deskgraph_credentials_refused_total",
        "Clients that were not let in, by what was wrong with their credential.";

    queue: Gauge = "deskgraph_writer_queue_deliveries", "Deliveries that wait for the writer.";
    queue_capacity: Gauge = "deskgraph_writer_queue_capacity_deliveries",
        "Deliveries that may wait for the writer; further ones are answered 503.";
    batch: Histogram<Counts> = "deskgraph_writer_batch_deliveries", "Deliveries that were stored in one transaction.";
    commit_seconds: Histogram<Seconds> = "deskgraph_writer_commit_seconds",
        "Time to store a batch: from the lock to the commit that is synced to disk.";
    batches_failed: Counter = "deskgraph_writer_batches_failed_total", "Batches of which something could not be stored.";

    position: Gauge = "deskgraph_log_position", "The position of the newest stored change.";
    live_position: Gauge = "deskgraph_live_position", "The position up to which subscribers were served.";
    projection_lag: Gauge = "deskgraph_projection_lag_events",
        "Events of the log behind the newest one that is in the projections. Both are stored together, so it is 0.";
    search_lag: Gauge = "deskgraph_search_index_lag_texts",
        "Texts that wait for the search index, which searches read one by one; counted up to 100000.";
    database_up: Gauge = "deskgraph_database_up", "Whether the database answered when this was read.";
    pool: By<(Pool, PoolState), Gauge> = "deskgraph_pool_connections", "Connections that read for clients.";

    webhook_to_subscriber: Histogram<Seconds> = "deskgraph_webhook_to_subscriber_seconds",
        "Time from the arrival of a delivery at this gateway to its payload on the way to a subscriber of this gateway.";
    subscribers: By<Transport, Gauge> = "deskgraph_subscribers", "Subscriptions that run.";
    payloads: By<Transport, Counter> = "deskgraph_subscription_payloads_total", "Payloads that were given to subscribers.";
    connections: Gauge = "deskgraph_live_connections", "Open WebSocket connections and streams.";
    topics: Gauge = "deskgraph_topics", "Different subscriptions: equal ones share a topic.";
    demotions: Counter = "deskgraph_demotions_total",
        "How often a subscriber fell behind what its topic keeps, and read the database alone.";
    resumptions: Counter = "deskgraph_resumptions_total",
        "How often a subscriber resumed so far back that it read the database alone.";
    reading_alone: Gauge = "deskgraph_subscribers_reading_alone", "Subscribers that read the database alone at the moment.";

    complexity: Histogram<Counts> = "deskgraph_graphql_request_complexity", "Complexity of GraphQL requests.";
    statements: Histogram<Counts> = "deskgraph_graphql_request_statements", "Statements of the database that a query took.";
}

declared! {
    /// The metrics of one GraphQL operation.
    Operation, OF_OPERATION:

    requests: By<RequestOutcome, Counter> = "deskgraph_graphql_requests_total",
        "GraphQL requests by the name of their operation, of which 100 are told apart. A subscription counts when it starts.";
    seconds: Histogram<Seconds> = "deskgraph_graphql_request_seconds", "Time to answer a query.";
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
    /// What became of a delivery.
    DeliveryOutcome = "outcome" {
        /// Stored.
        Stored = "stored",
        /// Stored already.
        Duplicate = "duplicate",
        /// No valid event, and kept for `retry`.
        Rejected = "rejected",
        /// Not JSON, too large, or at an unknown address.
        Unreadable = "unreadable",
        /// Not let in.
        Unauthorized = "unauthorized",
        /// Not stored: the sender sends it again.
        Unavailable = "unavailable",
    }

    /// What is wrong with a credential.
    CredentialFault = "reason" {
        /// There is none.
        Missing = "missing",
        /// It is not good.
        Invalid = "invalid",
        /// That can't be found out at the moment.
        Unavailable = "unavailable",
    }

    /// How subscribers are connected.
    Transport = "transport" {
        /// A WebSocket.
        WebSocket = "websocket",
        /// Server-sent events.
        Sse = "sse",
        /// `multipart/mixed`.
        Multipart = "multipart",
        /// Inside the process.
        Internal = "internal",
    }

    /// The outcome of a GraphQL request, the gravest last.
    RequestOutcome = "outcome" {
        /// Answered.
        Ok = "ok",
        /// The client left before the answer.
        Cancelled = "cancelled",
        /// Not valid, or with an argument that is not.
        Invalid = "invalid",
        /// Beyond a limit, or not allowed.
        Refused = "refused",
        /// Out of time.
        Timeout = "timeout",
        /// The database was out of reach.
        Unavailable = "unavailable",
        /// A fault of the gateway.
        Failed = "failed",
    }

    /// What connections are used for.
    Pool = "pool" {
        /// Planned queries.
        Requests = "requests",
        /// Single statements.
        Statements = "statements",
    }

    /// What a connection does.
    PoolState = "state" {
        /// It reads.
        Busy = "busy",
        /// It may be taken.
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
