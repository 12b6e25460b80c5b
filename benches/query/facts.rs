//! Ids, cursors and words that exist in a store, read through the API before anything is measured.

use deskgraph::domain::time::Timestamp;
use serde_json::{Value, json};

use crate::Api;

/// The number of instants, spread over a list, around which rows are sampled.
const MOMENTS: i64 = 100;

/// The number of rows sampled around each.
const AROUND: usize = 100;

/// The number of cursors on both sides of 90 % depth.
const DEEP: usize = 1000;

/// The facts about a store.
#[derive(Clone)]
pub(crate) struct Facts {
    /// The size of the store.
    pub(crate) summary: String,
    /// Ids of messages.
    pub(crate) messages: Vec<String>,
    /// Ids of customers with conversations.
    pub(crate) customers: Vec<String>,
    /// Cursors in the list of customers, each with a full page after it.
    pub(crate) customer_cursors: Vec<String>,
    /// Cursors at 90 % depth of the list of messages.
    pub(crate) deep_messages: Vec<String>,
    /// Cursors at 90 % depth of the list of conversations.
    pub(crate) deep_conversations: Vec<String>,
    /// Order codes: each occurs in a handful of messages.
    pub(crate) codes: Vec<String>,
}

/// A list ordered by time, latest first.
struct List {
    name: &'static str,
    /// The time in filters and rows.
    time: &'static str,
    filter: &'static str,
    row: &'static str,
}

const MESSAGES: List = List { name: "messages", time: "sentAt", filter: "MessageFilter", row: "id text" };

const CONVERSATIONS: List = List { name: "conversations", time: "lastMessageAt", filter: "ConversationFilter", row: "id" };

/// The largest number of customers sampled from their list.
const CUSTOMERS: usize = 10_000;

impl Facts {
    /// Reads the facts about a store.
    pub(crate) async fn gather(api: &Api) -> Self {
        const COUNTS: &str = "{ messages { totalCount } conversations { totalCount } customers { totalCount }
            tickets { totalCount } unlinked: conversations(filter: { hasCustomer: { eq: false } }) { totalCount }
            messageStats(groupBy: [PLATFORM]) { platform count } }";
        let counts = api.data(COUNTS, Value::Null).await;
        let count = |name: &str| counts[name]["totalCount"].as_i64().unwrap();
        let platforms: Vec<String> = counts["messageStats"].as_array().unwrap().iter().map(shown_platform).collect();
        let summary = format!(
            "{} messages ({}), {} conversations ({} without a customer), {} customers, {} tickets",
            count("messages"),
            platforms.join(", "),
            count("conversations"),
            count("unlinked"),
            count("customers"),
            count("tickets"),
        );
        let messages = MESSAGES.sample(api).await;
        let customers = customers(api, usize::try_from(count("customers")).unwrap()).await;
        let has_conversations = |edge: &&Value| edge["node"]["conversations"]["totalCount"] != 0;
        Self {
            summary,
            messages: texts(&messages, "/node/id"),
            customers: customers.iter().filter(has_conversations).map(|edge| text(edge, "/node/id")).collect(),
            customer_cursors: texts(&customers, "/cursor"),
            deep_messages: MESSAGES.deep(api, count("messages")).await,
            deep_conversations: CONVERSATIONS.deep(api, count("conversations")).await,
            codes: messages.iter().filter_map(|edge| code(edge["node"]["text"].as_str()?)).collect(),
        }
    }
}

impl List {
    /// Rows from all over the list.
    async fn sample(&self, api: &Api) -> Vec<Value> {
        let (oldest, newest) = self.ends(api).await;
        let mut edges = Vec::new();
        for moment in 1..=MOMENTS {
            let at = oldest + (newest - oldest) / MOMENTS * moment;
            edges.extend(self.edges_until(api, at, AROUND).await);
        }
        edges
    }

    /// Cursors around 90 % of the list, or a tenth of those below, if that is less.
    async fn deep(&self, api: &Api, total: i64) -> Vec<String> {
        let (mut low, mut high) = self.ends(api).await;
        // The later the instant, the fewer rows come after it.
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.count_after(api, middle).await * 10 > total * 9 { low = middle } else { high = middle }
        }
        let count = DEEP.min(usize::try_from(total).unwrap().div_ceil(100));
        texts(&self.edges_until(api, high, count).await, "/cursor")
    }

    /// The times of the first row and the last.
    async fn ends(&self, api: &Api) -> (i64, i64) {
        let Self { name, time, filter, .. } = self;
        let query = format!(
            "query Ends($some: {filter}) {{ newest: {name}(first: 1, filter: $some) {{ nodes {{ {time} }} }}
             oldest: {name}(last: 1, filter: $some) {{ nodes {{ {time} }} }} }}"
        );
        let ends = api.data(&query, json!({ "some": { *time: { "isNull": false } } })).await;
        let at = |end: &str| {
            let text = text(&ends, &format!("/{end}/nodes/0/{time}"));
            Timestamp::parse_rfc3339(&text).unwrap().as_millis()
        };
        (at("oldest"), at("newest"))
    }

    async fn count_after(&self, api: &Api, at: i64) -> i64 {
        let Self { name, time, filter, .. } = self;
        let query = format!("query Count($after: {filter}) {{ {name}(filter: $after) {{ totalCount }} }}");
        let counted = api.data(&query, json!({ "after": { *time: { "gt": rfc3339(at) } } })).await;
        counted[name]["totalCount"].as_i64().unwrap()
    }

    /// At most `limit` edges from an instant on, backwards in time.
    async fn edges_until(&self, api: &Api, at: i64, limit: usize) -> Vec<Value> {
        let Self { name, time, filter, row } = self;
        let query = format!(
            "query Edges($until: {filter}, $first: Int, $after: String) {{
               {name}(filter: $until, first: $first, after: $after) {{ edges {{ cursor node {{ {row} }} }} }} }}"
        );
        let mut edges: Vec<Value> = Vec::new();
        while edges.len() < limit {
            let after = edges.last().map(|edge| edge["cursor"].clone());
            let first = (limit - edges.len()).min(200);
            let variables = json!({ "until": { *time: { "lte": rfc3339(at) } }, "first": first, "after": after });
            let page = api.data(&query, variables).await;
            match page[name]["edges"].as_array().unwrap().as_slice() {
                [] => break,
                page => edges.extend_from_slice(page),
            }
        }
        edges
    }
}

/// Customers at even distances in their list, except the last page.
async fn customers(api: &Api, total: usize) -> Vec<Value> {
    const PAGE: &str = "query Customers($after: String) {
      customers(first: 200, after: $after) { edges { cursor node { id conversations { totalCount } } } pageInfo { endCursor } }
    }";
    let (mut edges, mut after) = (Vec::new(), Value::Null);
    while edges.len() + 20 < total {
        let mut page = api.data(PAGE, json!({ "after": after })).await["customers"].take();
        edges.append(page["edges"].as_array_mut().unwrap());
        after = page["pageInfo"]["endCursor"].take();
    }
    edges.truncate(total - 20);
    edges.into_iter().step_by(total.div_ceil(CUSTOMERS)).collect()
}

fn shown_platform(row: &Value) -> String {
    format!("{} {}", row["count"], row["platform"].as_str().unwrap())
}

fn rfc3339(at: i64) -> String {
    Timestamp::clamped(at).to_string()
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap().to_owned()
}

fn texts(values: &[Value], pointer: &str) -> Vec<String> {
    values.iter().map(|value| text(value, pointer)).collect()
}

/// The code of an order in a text: `DH-` and a number.
fn code(text: &str) -> Option<String> {
    let (_, after) = text.split_once("DH-")?;
    let number: String = after.chars().take_while(char::is_ascii_digit).collect();
    (!number.is_empty()).then(|| format!("DH-{number}"))
}
