//! The queries: for the gateway a document with variables, for the hand-written server a path with the same variables.

use std::fmt;

use clap::ValueEnum;
use jiff::{ToSpan, civil::Date};
use rand::{
    Rng, SeedableRng,
    rngs::SmallRng,
    seq::{IndexedRandom, SliceRandom},
};
use serde_json::{Value, json};

use crate::facts::Facts;

/// The number of different requests for each case: enough that no row stays in the processor's cache.
const REQUESTS: usize = 512;

/// The seed of the random choices.
const SEED: u64 = 7;

/// Platforms that fill a page in every store.
const PLATFORMS: [&str; 3] = ["ZALO", "FACEBOOK", "WEB"];

/// The months in which the messages of a filled store were sent.
const MONTHS: [(&str, &str); 2] = [("2025-08-01", "2025-09-01"), ("2025-09-01", "2025-10-01")];

/// The first of the days that are counted, and how many there are.
const DAYS: (Date, i64) = (Date::constant(2025, 9, 1), 28);

/// A query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Case {
    /// A message by its id.
    ById,
    /// The newest 50 messages of a platform and a month.
    Newest,
    /// The same with the ids of their conversations, and with their customers.
    Linked,
    /// Twenty customers, five conversations of each, ten messages of each.
    Nested,
    /// 50 messages in the middle of the list of all messages.
    Deep,
    /// The number of messages on each platform on one day.
    Counts,
    /// The newest 50 of about a thousand messages that contain a text.
    Contains,
}

macro_rules! messages {
    ($operation:literal, $arguments:literal, $more:literal) => {
        concat!(
            "query ",
            $operation,
            " { messages(first: 50, ",
            $arguments,
            ") { nodes { id sourceId platform platformName direction type text isRead sentAt createdAt ",
            $more,
            "} pageInfo { hasNextPage endCursor } } }"
        )
    };
}

impl Case {
    pub(crate) const ALL: &[Self] =
        &[Self::ById, Self::Newest, Self::Linked, Self::Nested, Self::Deep, Self::Counts, Self::Contains];

    /// The path at which the hand-written server answers it.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::ById => "/by-id",
            Self::Newest => "/newest",
            Self::Linked => "/linked",
            Self::Nested => "/nested",
            Self::Deep => "/deep",
            Self::Counts => "/counts",
            Self::Contains => "/contains",
        }
    }

    /// The document.
    fn query(self) -> &'static str {
        match self {
            Self::ById => {
                "query Message($id: ID!) {
                   message(id: $id) { id sourceId platform platformName direction type text isRead sentAt createdAt }
                 }"
            }
            Self::Newest => messages!(
                "Newest($platform: Platform, $from: DateTime, $to: DateTime)",
                "filter: { platform: { eq: $platform }, sentAt: { gte: $from, lt: $to } }",
                ""
            ),
            Self::Linked => messages!(
                "Linked($platform: Platform, $from: DateTime, $to: DateTime)",
                "filter: { platform: { eq: $platform }, sentAt: { gte: $from, lt: $to } }",
                "conversation { id } customer { id name } "
            ),
            Self::Nested => {
                "query Nested($after: String) {
                   customers(first: 20, after: $after) {
                     nodes {
                       id name phone email createdAt
                       conversations(first: 5) {
                         nodes {
                           id platform isClosed unreadCount lastMessageAt
                           messages(first: 10) { nodes { id text direction isRead sentAt } }
                         }
                       }
                     }
                   }
                 }"
            }
            Self::Deep => messages!("Deep($after: String)", "after: $after", ""),
            Self::Counts => {
                "query Counts($from: DateTime, $to: DateTime) {
                   messageStats(filter: { sentAt: { gte: $from, lt: $to } }, groupBy: [PLATFORM]) { platform count }
                 }"
            }
            Self::Contains => {
                messages!("Contains($needle: String)", "filter: { text: { contains: $needle } }", "")
            }
        }
    }

    /// A JSON pointer to a value that every response must have.
    pub(crate) fn finds(self) -> &'static str {
        match self {
            Self::ById => "/message/id",
            Self::Newest | Self::Linked | Self::Deep => "/messages/nodes/49",
            Self::Nested => "/customers/nodes/19",
            Self::Counts => "/messageStats/0",
            Self::Contains => "/messages/nodes/0",
        }
    }

    fn variables(self, facts: &Facts, rng: &mut SmallRng) -> Value {
        let mut drawn = |from: &[String]| from.choose(rng).expect("the store has some").clone();
        match self {
            Self::ById => json!({ "id": drawn(&facts.messages) }),
            Self::Nested => json!({ "after": drawn(&facts.customer_cursors) }),
            Self::Deep => json!({ "after": drawn(&facts.deep_messages) }),
            Self::Contains => json!({ "needle": drawn(&facts.needles) }),
            Self::Newest | Self::Linked => {
                let (from, to) = MONTHS.choose(rng).expect("there are two");
                let midnight = |day: &str| format!("{day}T00:00:00+07:00");
                json!({ "platform": PLATFORMS.choose(rng), "from": midnight(from), "to": midnight(to) })
            }
            Self::Counts => {
                let from = DAYS.0 + rng.random_range(0..DAYS.1).days();
                let midnight = |day: Date| format!("{day}T00:00:00+07:00");
                json!({ "from": midnight(from), "to": midnight(from + 1.day()) })
            }
        }
    }

    /// The bodies of requests, the same in each run over the same store.
    pub(crate) fn bodies(self, facts: &Facts) -> Vec<String> {
        let mut rng = SmallRng::seed_from_u64(SEED);
        let body = |rng: &mut SmallRng| json!({ "query": self.query(), "variables": self.variables(facts, rng) }).to_string();
        let mut bodies: Vec<String> = (0..REQUESTS).map(|_| body(&mut rng)).collect();
        bodies.shuffle(&mut rng);
        bodies
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ById => "one message by id",
            Self::Newest => "newest 50 of a platform and month",
            Self::Linked => "the same with links",
            Self::Nested => "nested 20 × 5 × 10",
            Self::Deep => "50 at half the depth",
            Self::Counts => "counts by platform of a day",
            Self::Contains => "contains, about a thousand matches",
        })
    }
}
