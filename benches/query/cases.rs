//! The queries. Documents are constant and only variables differ, as with real clients.

use rand::{Rng, rngs::SmallRng, seq::IndexedRandom};
use serde_json::{Value, json};

use crate::facts::Facts;

/// A query.
pub(crate) struct Case {
    /// Its name in the table.
    pub(crate) name: &'static str,
    /// Whether its time is promised to hardly grow with the store.
    pub(crate) promised: bool,
    /// The document.
    pub(crate) query: &'static str,
    /// The variables of the next request.
    pub(crate) variables: fn(&Facts, &mut SmallRng) -> Value,
    /// A JSON pointer to a value that some responses must have.
    pub(crate) finds: &'static str,
}

/// Words that occur in many messages.
const COMMON: &[&str] = &["shop", "hoa", "giao", "giá", "em", "đơn", "mẫu", "anh"];

/// Platforms that fill a page of 50 even in the last tenth of 10,000 messages. E-mail does not, so it would be a smaller query
/// there than in a larger store.
const PLATFORMS: &[&str] = &["ZALO", "FACEBOOK", "WEB", "OTHER"];

const MESSAGES: &str = "query Messages($filter: MessageFilter, $first: Int = 50, $after: String) {
  messages(filter: $filter, first: $first, after: $after) {
    nodes { id text direction type isRead sentAt sender { name } conversation { id contact { name } } customer { id name } }
    pageInfo { hasNextPage endCursor }
  }
}";

const CONVERSATIONS: &str = "query Conversations($filter: ConversationFilter, $order: ConversationOrder, $after: String) {
  conversations(filter: $filter, orderBy: $order, first: 50, after: $after) {
    nodes {
      id platform isClosed unreadCount lastMessageAt contact { name avatarUrl } assignees { name } customer { id name }
      lastMessage { preview sentAt }
    }
    pageInfo { hasNextPage endCursor }
  }
}";

const NESTED: &str = "query Nested($after: String) {
  customers(first: 20, after: $after) {
    nodes { id name conversations(first: 5) { nodes { id platform messages(first: 10) { nodes { id text sentAt } } } } }
  }
}";

const NESTED_WITH_COUNTS: &str = "query Nested($after: String) {
  customers(first: 20, after: $after) {
    totalCount
    nodes {
      id name
      conversations(first: 5) {
        totalCount
        nodes { id platform messages(first: 10) { totalCount nodes { id text sentAt } } }
      }
    }
  }
}";

const SEARCH: &str = "query Search($text: String!) {
  search(text: $text) {
    edges {
      score
      node { ... on Customer { name } ... on Conversation { id } ... on Message { text sentAt } ... on Ticket { name } }
    }
  }
}";

const MESSAGE_STATS: &str = "query Stats($filter: MessageFilter) {
  messageStats(filter: $filter, groupBy: [TIME, PLATFORM], interval: DAY) { time platform count conversations customers }
}";

const CONVERSATION_STATS: &str = "query Stats($filter: ConversationFilter) {
  conversationStats(filter: $filter, groupBy: [TIME, PLATFORM], interval: DAY) {
    time platform count unread firstResponseSeconds
  }
}";

const TICKET_STATS: &str = "query Stats($filter: TicketFilter) {
  ticketStats(filter: $filter, groupBy: [TIME, STATUS], interval: DAY) { time status count overdue }
}";

/// All of them, in the order of the table.
pub(crate) const CASES: &[Case] = &[
    Case {
        name: "message by id",
        promised: true,
        query: "query Message($id: ID!) {
          message(id: $id) { id text sentAt platform conversation { id contact { name } } customer { id name } }
        }",
        variables: |facts, rng| json!({ "id": drawn(&facts.messages, rng) }),
        finds: "/message/id",
    },
    Case {
        name: "newest 50 messages of a platform",
        promised: true,
        query: MESSAGES,
        variables: |_, rng| json!({ "filter": of_platform(rng) }),
        finds: "/messages/nodes/0",
    },
    Case {
        name: "50 open conversations, by last message",
        promised: true,
        query: CONVERSATIONS,
        variables: |_, _| json!({ "filter": { "isClosed": { "eq": false } }, "order": { "field": "LAST_MESSAGE_AT" } }),
        finds: "/conversations/nodes/0",
    },
    Case {
        name: "50 conversations of a platform, by start",
        promised: true,
        query: CONVERSATIONS,
        variables: |_, rng| json!({ "filter": of_platform(rng), "order": { "field": "STARTED_AT" } }),
        finds: "/conversations/nodes/0",
    },
    Case {
        name: "50 messages at 90 % depth",
        promised: true,
        query: MESSAGES,
        variables: |facts, rng| json!({ "after": drawn(&facts.deep_messages, rng) }),
        finds: "/messages/nodes/0",
    },
    Case {
        name: "50 messages of a platform at 90 % depth",
        promised: true,
        query: MESSAGES,
        variables: |facts, rng| json!({ "filter": of_platform(rng), "after": drawn(&facts.deep_messages, rng) }),
        finds: "/messages/nodes/0",
    },
    Case {
        name: "50 conversations at 90 % depth",
        promised: true,
        query: CONVERSATIONS,
        variables: |facts, rng| json!({ "after": drawn(&facts.deep_conversations, rng) }),
        finds: "/conversations/nodes/0",
    },
    Case {
        name: "20 customers, 5 conversations, 10 messages",
        promised: true,
        query: NESTED,
        variables: |facts, rng| json!({ "after": drawn(&facts.customer_cursors, rng) }),
        finds: "/customers/nodes/0/conversations/nodes/0/messages/nodes/0",
    },
    Case {
        name: "the same with all counts",
        promised: true,
        query: NESTED_WITH_COUNTS,
        variables: |facts, rng| json!({ "after": drawn(&facts.customer_cursors, rng) }),
        finds: "/customers/nodes/0/conversations/nodes/0/messages/nodes/0",
    },
    Case {
        name: "50 messages that contain a rare word",
        promised: false,
        query: MESSAGES,
        variables: |facts, rng| json!({ "filter": { "text": { "contains": drawn(&facts.codes, rng) } } }),
        finds: "/messages/nodes/0",
    },
    Case {
        name: "50 messages that contain a common word",
        promised: false,
        query: MESSAGES,
        variables: |_, rng| json!({ "filter": { "text": { "contains": COMMON.choose(rng) } } }),
        finds: "/messages/nodes/0",
    },
    Case {
        name: "search for a rare word",
        promised: false,
        query: SEARCH,
        variables: |facts, rng| json!({ "text": drawn(&facts.codes, rng) }),
        finds: "/search/edges/0",
    },
    Case {
        name: "search for a common word",
        promised: false,
        query: SEARCH,
        variables: |_, rng| json!({ "text": COMMON.choose(rng) }),
        finds: "/search/edges/0",
    },
    Case {
        name: "counts of everything",
        promised: false,
        query: "{ messages { totalCount } conversations { totalCount } customers { totalCount } tickets { totalCount } }",
        variables: |_, _| Value::Null,
        finds: "/messages/totalCount",
    },
    Case {
        name: "counts of one customer",
        promised: false,
        query: "query Counts($id: ID!) {
          customer(id: $id) { messages { totalCount } conversations { totalCount } tickets { totalCount } }
        }",
        variables: |facts, rng| json!({ "id": drawn(&facts.customers, rng) }),
        finds: "/customer/messages/totalCount",
    },
    Case {
        name: "message statistics by day, all",
        promised: false,
        query: MESSAGE_STATS,
        variables: |_, _| Value::Null,
        finds: "/messageStats/0",
    },
    Case {
        name: "message statistics by day, one customer",
        promised: false,
        query: MESSAGE_STATS,
        variables: |facts, rng| json!({ "filter": of_customer(facts, rng) }),
        finds: "/messageStats/0",
    },
    Case {
        name: "conversation statistics by day, all",
        promised: false,
        query: CONVERSATION_STATS,
        variables: |_, _| Value::Null,
        finds: "/conversationStats/0",
    },
    Case {
        name: "conversation statistics by day, one customer",
        promised: false,
        query: CONVERSATION_STATS,
        variables: |facts, rng| json!({ "filter": of_customer(facts, rng) }),
        finds: "/conversationStats/0",
    },
    Case {
        name: "ticket statistics by day, all",
        promised: false,
        query: TICKET_STATS,
        variables: |_, _| Value::Null,
        finds: "/ticketStats/0",
    },
    Case {
        name: "ticket statistics by day, one customer",
        promised: false,
        query: TICKET_STATS,
        variables: |facts, rng| json!({ "filter": of_customer(facts, rng) }),
        finds: "/ticketStats/0",
    },
];

fn drawn<'a>(from: &'a [String], rng: &mut impl Rng) -> &'a str {
    from.choose(rng).expect("the store has some")
}

fn of_platform(rng: &mut impl Rng) -> Value {
    json!({ "platform": { "eq": PLATFORMS.choose(rng) } })
}

fn of_customer(facts: &Facts, rng: &mut impl Rng) -> Value {
    json!({ "customerId": { "eq": drawn(&facts.customers, rng) } })
}
