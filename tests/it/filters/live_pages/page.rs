//! Live pages, and the lists they are compared with.

use std::fmt::Write as _;

use deskgraph::domain::change::LiveCursor;
use serde_json::{Map, Value, json};

use super::super::{draw::Draw, vocabulary::ObjectType};
use crate::support::{app::TestApp, live_page::Shown};

/// A live page with its arguments.
pub(super) struct Page {
    /// The key of its client.
    pub(super) key: String,
    of: ObjectType,
    selection: String,
    pub(super) variables: Value,
    /// The last result of its list.
    pub(super) expected: Shown,
    /// The live cursor of that result.
    pub(super) head: String,
}

/// The selections of a row.
fn selections(of: ObjectType) -> [&'static str; 3] {
    match of {
        ObjectType::Conversation => [
            "id",
            "id unreadCount messageCount isClosed lastMessageAt contact { name } assignees { id name }",
            "id unreadCount lastMessage { id text isRead } customer { id name statuses { name } } messages(first: 2) { totalCount nodes { id } }",
        ],
        ObjectType::Message => [
            "id text isRead",
            "id sentAt text sender { name } readBy { name }",
            "id customer { id name manager { name } } conversation { id unreadCount isClosed lastMessage { id } }",
        ],
        ObjectType::Customer => [
            "id name phone deletedAt",
            "id name updatedAt manager { name } statuses { name } customFields { key value } socialAccounts { platformName }",
            "id conversations(first: 2, orderBy: { field: UNREAD_COUNT, direction: DESC }) { totalCount nodes { id unreadCount } } tickets { totalCount }",
        ],
        ObjectType::Ticket => [
            "id name status",
            "id name dueAt isOverdue assignee { name } createdBy { id name }",
            "id levelName customer { id name deletedAt conversations(first: 1) { nodes { id lastMessage { text } } } }",
        ],
        ObjectType::Staff | ObjectType::Event => unreachable!("they have no live pages"),
    }
}

impl Page {
    /// A random page.
    pub(super) fn drawn(draw: &mut Draw<'_>, key: &str) -> Self {
        let of = *draw.dice.one(&[
            ObjectType::Conversation,
            ObjectType::Conversation,
            ObjectType::Message,
            ObjectType::Customer,
            ObjectType::Ticket,
        ]);
        let filter = match draw.dice.below(6) {
            0 | 1 => json!({}),
            2 => draw.linked(of),
            3 if of == ObjectType::Ticket => json!({ "isOverdue": { "eq": draw.dice.percent(60) } }),
            3 => json!({ "search": *draw.dice.one(&["nguyen", "da nang", "50", "khach", "last"]) }),
            _ => draw.filter(of, 2),
        };
        let filter = if of == ObjectType::Conversation && filter.get("search").is_some() { json!({}) } else { filter };
        let mut variables = Map::from_iter([("filter".to_owned(), filter)]);
        variables.insert("first".to_owned(), json!(*draw.dice.one(&[0, 1, 2, 3, 3, 5, 8, 20, 200])));
        if draw.dice.percent(75) {
            let (field, _) = *draw.dice.one(of.orders());
            let direction = *draw.dice.one(&["ASC", "DESC", "DESC"]);
            variables.insert("orderBy".to_owned(), json!({ "field": field, "direction": direction }));
        }
        if of.can_be_deleted() {
            variables.insert("includeDeleted".to_owned(), draw.dice.percent(30).into());
        }
        let total = if draw.dice.percent(50) { "totalCount" } else { "" };
        let selection = format!("{total} | {}", draw.dice.one(&selections(of)));
        Self { key: key.to_owned(), of, selection, variables: variables.into(), expected: Shown::default(), head: String::new() }
    }

    /// A description for failures.
    pub(super) fn description(&self) -> String {
        format!("{:?} {} {}", self.of, self.variables, self.selection)
    }

    /// The arguments, from variables with this suffix, and their declarations.
    fn arguments(&self, ending: &str) -> (String, String) {
        let name = self.of.type_name();
        let mut taken =
            vec![("filter", format!("{name}Filter")), ("first", "Int".to_owned()), ("orderBy", format!("{name}Order"))];
        taken.extend(self.of.can_be_deleted().then(|| ("includeDeleted", "Boolean!".to_owned())));
        let passed: Vec<_> = taken.iter().map(|(argument, _)| format!("{argument}: ${argument}{ending}")).collect();
        let declared: Vec<_> = taken.iter().map(|(argument, kind)| format!("${argument}{ending}: {kind}")).collect();
        (passed.join(", "), declared.join(", "))
    }

    pub(super) fn subscription(&self) -> String {
        let ((passed, declared), (total, row)) = (self.arguments(""), self.selection.split_once('|').expect("two parts"));
        format!(
            "subscription ($after: String, {declared}) {{ live: {}Live(after: $after, {passed}) {{
               cursor {total} page {{ {row} }} steps {{ kind id afterId node {{ {row} }} }} }} }}",
            self.of.list()
        )
    }

    /// Requests the lists of several pages of one key at once. Returns the position; `None` if refused.
    pub(super) async fn ask(app: &TestApp, pages: &mut [&mut Self]) -> Option<i64> {
        let key = pages.first()?.key.clone();
        let (mut declared, mut lists, mut variables) = (Vec::new(), String::new(), Map::new());
        for (n, page) in pages.iter().enumerate() {
            let ((passed, declaration), (total, row)) = (page.arguments(&n.to_string()), page.selection.split_once('|').unwrap());
            declared.push(declaration);
            let _ = write!(lists, "list{n}: {}({passed}) {{ {total} nodes {{ {row} }} }} ", page.of.list());
            variables
                .extend(page.variables.as_object().unwrap().iter().map(|(name, value)| (format!("{name}{n}"), value.clone())));
        }
        let query = format!("query ({}) {{ {lists} head }}", declared.join(", "));
        let request = app.client.post(format!("{}/graphql", app.base)).bearer_auth(key);
        let answer = request.json(&json!({ "query": query, "variables": variables })).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        if answer.get("errors").is_some() {
            assert_eq!(pages.len(), 1, "{answer}");
            return None;
        }
        let head = answer["extensions"]["position"].as_str().unwrap();
        for (n, page) in pages.iter_mut().enumerate() {
            head.clone_into(&mut page.head);
            page.expected = Shown::of_list(&answer["data"][format!("list{n}")]);
        }
        Some(LiveCursor::decode(head).unwrap().position)
    }
}
