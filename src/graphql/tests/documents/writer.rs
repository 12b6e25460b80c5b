//! Writes random documents over the schema, most of them valid, and values for their variables, most of them valid.

use std::{collections::BTreeSet, fmt::Write};

use rand::{Rng, rngs::SmallRng, seq::IndexedRandom};
use serde_json::{Value, json};

/// A variable: its name, its declarations, valid values and invalid values.
type Variable = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// The values are JSON.
const VARIABLES: &[Variable] = &[
    ("n", &["Int", "Int = 3"], &["0", "1", "2", "5", "60"], &["-1", "1.5", "\"x\"", "true", "9999999999", "[1]"]),
    ("id", &["ID!"], &["\"cus_c1\"", "\"c1\"", "\"nobody\"", "7"], &["true", "{}", "1.5"]),
    (
        "ids",
        &["[ID!]!"],
        &["[]", "[\"cus_c1\"]", "\"cus_c2\"", "[\"cus_c1\", \"msg_zalo_m1\"]"],
        &["[null]", "[true]", "{}", "[\"?\"]"],
    ),
    (
        "cf",
        &["CustomerFilter", "CustomerFilter = {}"],
        &[
            "{}",
            r#"{"name": {"contains": "c1"}}"#,
            r#"{"and": [{"name": {"isNull": false}}, {"createdAt": {"gte": "2025-01-01T00:00:00Z"}}]}"#,
        ],
        &[
            r#"{"nope": 1}"#,
            r#"{"name": {"eq": 1}}"#,
            "\"x\"",
            "[{}]",
            r#"{"and": [{"name": {"in": [null]}}]}"#,
            r#"{"createdAt": {"gte": "soon"}}"#,
        ],
    ),
    (
        "mf",
        &["MessageFilter"],
        &["{}", r#"{"platform": {"eq": "ZALO"}}"#, r#"{"conversation": {"platform": {"in": ["ZALO", "WEB"]}}}"#],
        &[r#"{"platform": {"eq": "NOPE"}}"#, r#"{"platform": {"eq": 1}}"#, r#"{"conversation": {"nope": {}}}"#, "7"],
    ),
    ("p", &["Platform", "Platform = ZALO"], &["\"ZALO\"", "\"FACEBOOK\""], &["\"NOPE\"", "1", "[\"ZALO\", \"WEB\"]"]),
    ("t", &["String", "String = \"c\""], &["\"c1\"", "\"\"", "\"Khách\""], &["1", "true", "[\"a\", 1]"]),
    ("names", &["[String!]"], &["[]", "[\"Khách c1\"]", "\"Khách c2\""], &["[1]", "[null]", "{\"a\": 1}"]),
    ("pn", &["Platform!"], &["\"ZALO\"", "\"WEB\""], &["\"NOPE\"", "1", "{}"]),
    ("tn", &["String!"], &["\"cf_points\"", "\"x\""], &["1", "[\"x\"]"]),
    ("cfn", &["CustomerFilter!"], &["{}", r#"{"name": {"startsWith": "K"}}"#], &[r#"{"nope": {}}"#, "[]", "1"]),
    ("d", &["DateTime"], &["\"2025-01-01T00:00:00Z\""], &["\"yesterday\"", "1", "{}"]),
    ("skip", &["Boolean!"], &["true", "false"], &["\"true\"", "1", "[true]"]),
    ("with", &["Boolean = true", "Boolean! = false"], &["true", "false"], &["\"x\"", "0"]),
    ("deleted", &["Boolean", "Boolean = true"], &["true", "false"], &["\"x\"", "3"]),
    ("type", &["String!"], &["\"Customer\"", "\"Nothing\""], &["1"]),
];

/// Arguments of list fields.
const PAGE: &[&str] = &["first: $n", "last: $n", "first: 2", "first: 3", "first: 1, after: null", ""];
const CUSTOMERS: &[&str] = &[
    "filter: $cf",
    "filter: { name: { contains: $t } }",
    "filter: { and: [{ name: { in: $names } }, $cfn] }",
    "filter: { createdAt: { gte: $d }, or: [{ id: { in: $ids } }, {}] }",
    "filter: { name: { eq: \"Khách c1\" } }",
    "includeDeleted: $deleted",
    "filter: {}, includeDeleted: true",
    "",
];
const MESSAGES: &[&str] = &[
    "filter: $mf",
    "filter: { platform: { eq: $p } }",
    "filter: { platform: { in: [$pn, WEB] }, sentAt: { lt: $d } }",
    "filter: { customer: { name: { startsWith: $t } } }",
    "filter: { platform: { eq: ZALO } }",
    "",
];
const CONVERSATIONS: &[&str] = &[
    "filter: { isClosed: { eq: false } }",
    "orderBy: { field: UNREAD_COUNT }",
    "orderBy: { field: STARTED_AT, direction: ASC }, filter: { platform: { eq: $p } }",
    "",
];
const TICKETS: &[&str] = &[
    "filter: { isOverdue: { eq: true } }",
    "orderBy: { field: LEVEL }, includeDeleted: true",
    "orderBy: { field: DUE_AT, direction: ASC }",
    "",
];
const EVENTS: &[&str] = &[
    "filter: { kind: { eq: MESSAGE_SENT } }",
    "filter: { receivedAt: { gte: $d } }",
    "filter: { subjectId: $id }",
    "filter: { subjectId: \"cus_c1\" }",
    "",
];
const ID: &[&str] = &["id: $id", "id: \"cus_c1\"", "id: 7"];

/// A field: its name, its possible arguments, its type.
type Field = (&'static str, &'static [&'static [&'static str]], &'static str);

const TYPES: &[(&str, &[Field])] = &[
    (
        "Query",
        &[
            ("customers", &[PAGE, CUSTOMERS], "CustomerConnection"),
            ("messages", &[PAGE, MESSAGES], "MessageConnection"),
            ("customer", &[ID], "Customer"),
            ("conversations", &[PAGE, CONVERSATIONS], "ConversationConnection"),
            ("tickets", &[PAGE, TICKETS], "TicketConnection"),
            ("staffMembers", &[PAGE], "StaffConnection"),
            ("events", &[PAGE, EVENTS], "EventConnection"),
            ("message", &[&["id: \"msg_zalo_m1\"", "id: \"msg_zalo_nothing\"", "id: $id"]], "Message"),
            ("conversation", &[&["id: \"k1\"", "id: $id"]], "Conversation"),
            ("ticket", &[&["id: \"t1\"", "id: $id"]], "Ticket"),
            ("staff", &[&["id: \"stf_m1\"", "id: $id"]], "Staff"),
            ("node", &[ID], "Node"),
            ("nodes", &[&["ids: $ids", "ids: [$id]", "ids: [\"cus_c1\", \"msg_zalo_m1\"]"]], "Node"),
            ("__typename", &[], ""),
            ("__type", &[&["name: $type", "name: \"Platform\""]], "__Type"),
        ],
    ),
    (
        "CustomerConnection",
        &[("nodes", &[], "Customer"), ("edges", &[], "CustomerEdge"), ("totalCount", &[], ""), ("pageInfo", &[], "PageInfo")],
    ),
    (
        "ConversationConnection",
        &[
            ("nodes", &[], "Conversation"),
            ("edges", &[], "ConversationEdge"),
            ("totalCount", &[], ""),
            ("pageInfo", &[], "PageInfo"),
        ],
    ),
    ("ConversationEdge", &[("cursor", &[], ""), ("node", &[], "Conversation"), ("__typename", &[], "")]),
    ("TicketConnection", &[("nodes", &[], "Ticket"), ("totalCount", &[], ""), ("pageInfo", &[], "PageInfo")]),
    ("StaffConnection", &[("nodes", &[], "Staff"), ("totalCount", &[], ""), ("__typename", &[], "")]),
    ("MessageConnection", &[("nodes", &[], "Message"), ("totalCount", &[], ""), ("pageInfo", &[], "PageInfo")]),
    (
        "EventConnection",
        &[("nodes", &[], "Event"), ("edges", &[], "EventEdge"), ("totalCount", &[], ""), ("pageInfo", &[], "PageInfo")],
    ),
    ("EventEdge", &[("cursor", &[], ""), ("node", &[], "Event"), ("__typename", &[], "")]),
    (
        "Event",
        &[
            ("id", &[], ""),
            ("kind", &[], ""),
            ("receivedAt", &[], ""),
            ("deliveryId", &[], ""),
            ("payload", &[], ""),
            ("__typename", &[], ""),
        ],
    ),
    ("CustomerEdge", &[("cursor", &[], ""), ("node", &[], "Customer")]),
    (
        "Customer",
        &[
            ("id", &[], ""),
            ("name", &[], ""),
            ("createdAt", &[], ""),
            ("sourceId", &[], ""),
            ("phone", &[], ""),
            ("email", &[], ""),
            ("note", &[], ""),
            ("telco", &[], ""),
            ("updatedAt", &[], ""),
            ("deletedAt", &[], ""),
            ("__typename", &[], ""),
            ("manager", &[], "Staff"),
            ("createdBy", &[], "Staff"),
            ("socialAccounts", &[], "SocialAccount"),
            ("statuses", &[], "CustomerStatus"),
            ("conversations", &[PAGE, CONVERSATIONS], "ConversationConnection"),
            ("tickets", &[PAGE, TICKETS], "TicketConnection"),
            ("customFields", &[&["keys: $names", "keys: [$tn]", ""]], "CustomField"),
            ("messages", &[PAGE, MESSAGES], "MessageConnection"),
            ("events", &[PAGE, EVENTS], "EventConnection"),
        ],
    ),
    (
        "Message",
        &[
            ("id", &[], ""),
            ("text", &[], ""),
            ("platform", &[], ""),
            ("sourceId", &[], ""),
            ("platformName", &[], ""),
            ("direction", &[], ""),
            ("type", &[], ""),
            ("typeName", &[], ""),
            ("preview", &[], ""),
            ("payload", &[], ""),
            ("isRead", &[], ""),
            ("createsContact", &[], ""),
            ("source", &[], ""),
            ("sentAt", &[], ""),
            ("createdAt", &[], ""),
            ("__typename", &[], ""),
            ("customer", &[], "Customer"),
            ("conversation", &[], "Conversation"),
            ("channel", &[], "Channel"),
            ("sender", &[], "Participant"),
            ("recipient", &[], "Participant"),
            ("responder", &[], "Participant"),
            ("attachments", &[], "Attachment"),
            ("readBy", &[], "Staff"),
            ("event", &[], "Event"),
        ],
    ),
    (
        "Conversation",
        &[
            ("id", &[], ""),
            ("sourceId", &[], ""),
            ("platform", &[], ""),
            ("platformName", &[], ""),
            ("isClosed", &[], ""),
            ("chatMode", &[], ""),
            ("assignedAt", &[], ""),
            ("startedAt", &[], ""),
            ("lastMessageAt", &[], ""),
            ("messageCount", &[], ""),
            ("unreadCount", &[], ""),
            ("__typename", &[], ""),
            ("customer", &[], "Customer"),
            ("channel", &[], "Channel"),
            ("contact", &[], "Participant"),
            ("assignees", &[], "Staff"),
            ("lastMessage", &[], "Message"),
            ("messages", &[PAGE, MESSAGES], "MessageConnection"),
            ("events", &[PAGE, EVENTS], "EventConnection"),
        ],
    ),
    (
        "Ticket",
        &[
            ("id", &[], ""),
            ("sourceId", &[], ""),
            ("name", &[], ""),
            ("description", &[], ""),
            ("typeId", &[], ""),
            ("level", &[], ""),
            ("levelName", &[], ""),
            ("status", &[], ""),
            ("statusName", &[], ""),
            ("customerSourceId", &[], ""),
            ("storeId", &[], ""),
            ("remindAt", &[], ""),
            ("isReminded", &[], ""),
            ("createdAt", &[], ""),
            ("dueAt", &[], ""),
            ("updatedAt", &[], ""),
            ("deletedAt", &[], ""),
            ("isOverdue", &[], ""),
            ("customer", &[], "Customer"),
            ("assignee", &[], "Staff"),
            ("createdBy", &[], "Staff"),
            ("reminder", &[], "Reminder"),
            ("attachments", &[], "Attachment"),
            ("events", &[PAGE, EVENTS], "EventConnection"),
        ],
    ),
    (
        "Staff",
        &[
            ("id", &[], ""),
            ("name", &[], ""),
            ("sourceId", &[], ""),
            ("__typename", &[], ""),
            ("assignedConversations", &[PAGE, CONVERSATIONS], "ConversationConnection"),
            ("assignedTickets", &[PAGE, TICKETS], "TicketConnection"),
            ("managedCustomers", &[PAGE, CUSTOMERS], "CustomerConnection"),
        ],
    ),
    ("Channel", &[("sourceId", &[], ""), ("kind", &[], ""), ("appId", &[], ""), ("__typename", &[], "")]),
    ("Participant", &[("sourceId", &[], ""), ("name", &[], ""), ("avatarUrl", &[], ""), ("__typename", &[], "")]),
    ("Attachment", &[("url", &[], ""), ("name", &[], ""), ("type", &[], ""), ("size", &[], ""), ("raw", &[], "")]),
    ("Reminder", &[("amount", &[], ""), ("unit", &[], ""), ("__typename", &[], "")]),
    ("CustomerStatus", &[("sourceId", &[], ""), ("name", &[], ""), ("color", &[], "Color")]),
    ("Color", &[("r", &[], ""), ("g", &[], ""), ("b", &[], ""), ("a", &[], ""), ("hex", &[], ""), ("__typename", &[], "")]),
    (
        "SocialAccount",
        &[
            ("platform", &[], ""),
            ("platformName", &[], ""),
            ("sourceId", &[], ""),
            ("name", &[], ""),
            ("url", &[], ""),
            ("raw", &[], ""),
        ],
    ),
    ("Node", &[("id", &[], ""), ("__typename", &[], "")]),
    ("CustomField", &[("key", &[], ""), ("value", &[], ""), ("__typename", &[], "")]),
    ("PageInfo", &[("hasNextPage", &[], ""), ("hasPreviousPage", &[], ""), ("startCursor", &[], ""), ("endCursor", &[], "")]),
    ("__Type", &[("name", &[], ""), ("kind", &[], "")]),
];

/// Replacements that make most documents invalid. One is applied, once.
const MISTAKES: &[(&str, &str)] = &[
    ("id", "nope"),
    ("}", ""),
    ("{", "{ ...Nowhere "),
    ("first:", "fist:"),
    ("{ ", "{ id { x } "),
    ("(", "(first: \"two\", "),
    ("(", "(first: 1, first: 2, "),
    ("$n", "$undeclared"),
    ("query", "query ($unused: Int)"),
    ("query", "query ($odd: Nothing)"),
    ("name", "name @unknown"),
    ("name", "name @skip"),
    ("ZALO", "NOPE"),
    ("\"", ""),
    ("on Customer", "on Platform"),
    ("fragment", "fragment Unused on Customer { id } fragment"),
    ("on Customer {", "on Customer { ...FCustomer "),
    ("nodes {", "nodes { nothing: id nothing: name "),
];

/// A document, and the variables it declares.
pub(super) struct Document {
    pub(super) text: String,
    names: Vec<Option<&'static str>>,
    variables: Vec<&'static Variable>,
}

impl Document {
    /// The operation name to send. Rarely there is no such operation, or the choice is ambiguous.
    pub(super) fn name(&self, random: &mut SmallRng) -> Option<&'static str> {
        if random.random_bool(0.05) {
            *[None, Some("B"), Some("Z")].choose(random).unwrap()
        } else {
            *self.names.choose(random).unwrap()
        }
    }

    /// Values for the variables: usually all are valid, at most one is missing, null or invalid.
    pub(super) fn values(&self, random: &mut SmallRng) -> Value {
        let odd = self.variables.choose(random).filter(|_| random.random_bool(0.25)).map(|variable| variable.0);
        let mut values = serde_json::Map::new();
        for (name, _, right, wrong) in &self.variables {
            let pick = |from: &[&str], random: &mut SmallRng| serde_json::from_str(from.choose(random).unwrap()).unwrap();
            let value = match (odd == Some(*name), random.random_range(0..3)) {
                (false, _) => pick(right, random),
                (true, 0) => continue,
                (true, 1) => Value::Null,
                (true, _) => pick(wrong, random),
            };
            values.insert((*name).to_owned(), value);
        }
        if random.random_bool(0.05) {
            values.insert("undeclared".to_owned(), json!({ "a": [1] }));
        }
        Value::Object(values)
    }
}

pub(super) struct Writer<'r> {
    random: &'r mut SmallRng,
    text: String,
    variables: BTreeSet<&'static str>,
    fragments: BTreeSet<&'static str>,
    /// Whether there is only one operation. Only then do fragments use variables, because the operations in which async-graphql
    /// checks a fragment's arguments depend on the order of a hash map.
    is_single: bool,
    aliases: usize,
}

/// A random document.
pub(super) fn document(random: &mut SmallRng) -> Document {
    let is_single = random.random_bool(0.8);
    let mut writer =
        Writer { random, text: String::new(), variables: BTreeSet::new(), fragments: BTreeSet::new(), is_single, aliases: 0 };
    let mut variables = BTreeSet::new();
    let mut text = String::new();
    let operations: &[&str] = if is_single { &[""] } else { &["A", "B"] };
    for name in operations {
        writer.text.clear();
        writer.variables.clear();
        writer.set("Query", 3);
        let body = std::mem::take(&mut writer.text);
        let fragments = if is_single { writer.fragments() } else { String::new() };
        write!(text, "query {name}{} {body} {fragments}", writer.declarations()).unwrap();
        variables.append(&mut writer.variables);
    }
    if !is_single {
        text += &writer.fragments();
    }
    if writer.random.random_bool(0.12) {
        let (from, to) = MISTAKES.choose(writer.random).unwrap();
        text = text.replacen(from, to, 1);
    }
    let names: &[_] = if is_single { &[None] } else { &[Some("A"), Some("B")] };
    let variables = VARIABLES.iter().filter(|variable| variables.contains(variable.0)).collect();
    Document { text, names: names.to_vec(), variables }
}

impl Writer<'_> {
    fn set(&mut self, on: &'static str, depth: usize) {
        let fields = TYPES.iter().find(|(name, _)| *name == on).unwrap().1;
        self.text += "{ ";
        let most = if on == "Query" { 3 } else { 2 };
        for number in 0..self.random.random_range(1..=most) {
            let directive = self.directive();
            match self.random.random_range(0..8) {
                0 if matches!(on, "Customer" | "Message" | "CustomerConnection") => {
                    self.fragments.insert(on);
                    write!(self.text, "...F{on}{directive} ").unwrap();
                }
                1 if depth > 0 => {
                    write!(self.text, "... on {on}{directive} ").unwrap();
                    self.set(on, depth - 1);
                }
                _ => self.field(fields, number == 0, &directive, depth),
            }
        }
        self.text += "} ";
    }

    fn field(&mut self, fields: &'static [Field], is_first: bool, directive: &str, depth: usize) {
        let (name, arguments, to) = fields.choose(self.random).unwrap();
        if depth == 0 && !to.is_empty() {
            self.text += "__typename ";
            return;
        }
        let arguments: Vec<&str> = arguments.iter().map(|given| *given.choose(self.random).unwrap()).collect();
        let arguments = arguments.into_iter().filter(|given| !given.is_empty()).collect::<Vec<_>>().join(", ");
        // Fields with arguments get unique aliases; others with the same name can always be merged.
        self.aliases += 1;
        let can_merge = arguments.is_empty() && (is_first || self.random.random_bool(0.5));
        let alias = if can_merge { String::new() } else { format!("a{}: ", self.aliases) };
        let arguments = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
        let field = format!("{alias}{name}{arguments}{directive} ");
        self.note_variables(&field);
        self.text += &field;
        if !to.is_empty() {
            let from = self.text.len();
            self.set(to, depth - 1);
            if can_merge {
                // async-graphql returns null for an object without fields, even if another selection of it has fields.
                self.text.replace_range(from..=from, "{ __typename ");
            }
        }
    }

    fn directive(&mut self) -> String {
        let directive = match self.random.random_range(0..20) {
            0 => " @skip(if: $skip)",
            1 => " @include(if: $with)",
            2 => " @include(if: true) @skip(if: $skip)",
            3 => " @skip(if: true)",
            _ => "",
        };
        self.note_variables(directive);
        directive.to_owned()
    }

    fn note_variables(&mut self, text: &str) {
        let used = |variable: &&Variable| {
            text.split('$').skip(1).any(|rest| {
                let end = rest.find(|byte: char| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
                &rest[..end] == variable.0
            })
        };
        self.variables.extend(VARIABLES.iter().filter(used).map(|variable| variable.0));
    }

    fn declarations(&mut self) -> String {
        let declared: Vec<String> = VARIABLES
            .iter()
            .filter(|variable| self.variables.contains(variable.0))
            .map(|(name, types, ..)| format!("${name}: {}", types.choose(self.random).unwrap()))
            .collect();
        if declared.is_empty() { String::new() } else { format!("({})", declared.join(", ")) }
    }

    /// The definitions of the fragments that are used.
    fn fragments(&mut self) -> String {
        let mut text = String::new();
        for on in std::mem::take(&mut self.fragments) {
            let inner = match (on, self.is_single) {
                ("Customer", true) => "id inFragment: messages(first: $n, filter: { platform: { eq: $p } }) { totalCount }",
                ("Message", true) => "id text @include(if: $with)",
                ("Customer", false) => "id name",
                ("Message", false) => "id text",
                _ => "totalCount",
            };
            self.note_variables(inner);
            write!(text, "fragment F{on} on {on} {{ {inner} }} ").unwrap();
        }
        text
    }
}
