//! The requests in the schema of PostGraphile: fields for columns, and the operators of its filter plugin.

use std::collections::HashMap;

use deskgraph::domain::{search::words_of_part, text::fold};
use serde_json::{Value, json};

use crate::{
    cases::Case,
    peer::{each_field, position, variables},
    server::Variables,
};

macro_rules! messages {
    ($operation:literal, $arguments:literal, $more:literal) => {
        concat!(
            "query ",
            $operation,
            " { messages: allMessages(first: 50, orderBy: [SENT_AT_DESC, KEY_DESC], ",
            $arguments,
            ") { nodes { id: key sourceId platform platformName outbound type: typeKey text isRead sentAt createdAt ",
            $more,
            "} pageInfo { hasNextPage endCursor } } }"
        )
    };
}

macro_rules! counts {
    ($($platform:literal: $filter:literal),*) => {
        concat!(
            "query Counts($from: BigInt!, $to: BigInt!) {",
            $(
                " ", $platform, ": allMessages(filter: { platform: { ", $filter,
                " }, sentAt: { greaterThanOrEqualTo: $from, lessThan: $to } }) { totalCount }",
            )*
            " }"
        )
    };
}

/// The platforms that the gateway's schema names, in its order. It counts all others as one.
const PLATFORMS: [&str; 4] = ["zalo", "facebook", "web", "email"];
const OTHER: &str = "other";

fn query(case: Case) -> &'static str {
    match case {
        Case::ById => {
            "query Message($id: String!) {
               message: messageByKey(key: $id) {
                 id: key sourceId platform platformName outbound type: typeKey text isRead sentAt createdAt
               }
             }"
        }
        Case::Newest => messages!(
            "Newest($platform: String!, $from: BigInt!, $to: BigInt!)",
            "filter: { platform: { equalTo: $platform }, sentAt: { greaterThanOrEqualTo: $from, lessThan: $to } }",
            ""
        ),
        Case::Linked => messages!(
            "Linked($platform: String!, $from: BigInt!, $to: BigInt!)",
            "filter: { platform: { equalTo: $platform }, sentAt: { greaterThanOrEqualTo: $from, lessThan: $to } }",
            "conversation { id: rowId } customer { id: rowId name } "
        ),
        Case::Nested => {
            "query Nested($after: Cursor) {
               customers: allCustomers(
                 first: 20, after: $after, orderBy: [CREATED_AT_DESC, ROW_ID_DESC],
                 filter: { versionAt: { isNull: false }, deletedAt: { isNull: true } }
               ) {
                 nodes {
                   id: rowId name phone email createdAt
                   conversations(first: 5, orderBy: [LAST_MESSAGE_AT_DESC, ROW_ID_DESC]) {
                     nodes {
                       id: rowId platform isClosed unreadCount lastMessageAt
                       messages(first: 10, orderBy: [SENT_AT_DESC, KEY_DESC]) {
                         nodes { id: key text outbound isRead sentAt }
                       }
                     }
                   }
                 }
               }
             }"
        }
        Case::Deep => messages!("Deep($after: Cursor)", "after: $after", ""),
        // It counts a list, and has no groups.
        Case::Counts => counts!(
            "zalo": r#"equalTo: "zalo""#,
            "facebook": r#"equalTo: "facebook""#,
            "web": r#"equalTo: "web""#,
            "email": r#"equalTo: "email""#,
            "other": r#"notIn: ["zalo", "facebook", "web", "email"]"#
        ),
        // The words have a trigram index.
        Case::Contains => messages!(
            "Contains($needle: String!, $words: String!)",
            "filter: { text: { includesInsensitive: $needle }, words: { like: $words } }",
            ""
        ),
    }
}

/// The cursor of a row, by its id.
fn cursor_query(case: Case) -> &'static str {
    if case == Case::Nested {
        "query Cursor($id: String!) {
           page: allCustomers(first: 1, orderBy: [CREATED_AT_DESC, ROW_ID_DESC], condition: { rowId: $id }) {
             pageInfo { endCursor }
           }
         }"
    } else {
        "query Cursor($id: String!) {
           page: allMessages(first: 1, orderBy: [SENT_AT_DESC, KEY_DESC], condition: { key: $id }) { pageInfo { endCursor } }
         }"
    }
}

/// The bodies of a case's requests, from those to the gateway.
pub(crate) async fn bodies(case: Case, bodies: &[String], base: &str) -> Vec<String> {
    let query = query(case);
    let mut cursors = Cursors { base, query: cursor_query(case), known: HashMap::new() };
    let mut translated = Vec::new();
    for body in bodies {
        let of_gateway = variables(body);
        let variables = match case {
            Case::ById => json!({ "id": of_gateway.key() }),
            Case::Newest | Case::Linked => {
                json!({ "platform": of_gateway.platform_key(), "from": from(&of_gateway), "to": until(&of_gateway) })
            }
            Case::Counts => json!({ "from": from(&of_gateway), "to": until(&of_gateway) }),
            Case::Nested | Case::Deep => json!({ "after": cursors.of(position(&of_gateway).1).await }),
            Case::Contains => {
                let needle = of_gateway.needle.unwrap();
                json!({ "needle": needle, "words": format!("%{}%", words_of_part(&fold(needle))) })
            }
        };
        translated.push(json!({ "query": query, "variables": variables }).to_string());
    }
    translated
}

fn from(variables: &Variables<'_>) -> String {
    variables.sent_from().to_string()
}

fn until(variables: &Variables<'_>) -> String {
    variables.sent_until().to_string()
}

/// The cursors of rows in PostGraphile.
struct Cursors<'a> {
    base: &'a str,
    query: &'static str,
    known: HashMap<String, Value>,
}

impl Cursors<'_> {
    async fn of(&mut self, id: String) -> Value {
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        let request = reqwest::Client::new().post(format!("{}/graphql", self.base));
        let request = request.json(&json!({ "query": self.query, "variables": { "id": &id } }));
        let mut answer: Value = request.send().await.unwrap().json().await.unwrap();
        let cursor = answer["data"]["page"]["pageInfo"]["endCursor"].take();
        assert!(cursor.is_string(), "no cursor of {id}: {answer}");
        self.known.insert(id, cursor.clone());
        cursor
    }
}

/// Its data in the form of the gateway's data, with columns instead of fields.
pub(crate) fn named(case: Case, data: &Value) -> Value {
    if case == Case::Counts {
        let count = |platform: &&str| json!({ "platform": platform, "count": data[platform]["totalCount"] });
        let counts = PLATFORMS.iter().chain([&OTHER]).map(count).filter(|counted| counted["count"] != 0);
        return json!({ "messageStats": counts.collect::<Vec<_>>() });
    }
    each_field(data.clone(), &|name, value| {
        let is_other = name == "platform" && !PLATFORMS.iter().any(|known| value == *known);
        let value = if is_other { OTHER.into() } else { value };
        (name, value)
    })
}
