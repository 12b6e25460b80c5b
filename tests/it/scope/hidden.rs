//! Queries of a role with rules.

use std::collections::{BTreeMap, BTreeSet};

use deskgraph::graphql::{Viewer, role::Rules};
use serde_json::{Value, json};

use super::{
    gateways::{Gateway, client, role},
    requests::{COMMON, Request, Requests, list_of},
    sdl::{Sdl, base},
    select::Selections,
    story::{CONVERSATIONS, CUSTOMERS, Delivery, Hidden, MINE, TICKETS, of_others, story},
    values::{Values, is_comparator},
};

/// The number of requests in one document.
const TOGETHER: usize = 12;

/// Two gateways, and a client of each with the same visible objects.
pub(super) struct Pair {
    /// Where the hidden objects are stored.
    pub(super) with: Gateway,
    /// Where they never were.
    pub(super) without: Gateway,
    pub(super) viewer: Viewer,
    pub(super) story: Vec<Delivery>,
    pub(super) hidden: Hidden,
}

/// A rule that hides the objects of these ids.
fn all_but(hidden: &Hidden, prefix: &str) -> Option<String> {
    let ids: Vec<&str> = hidden.iter().filter_map(|id| id.strip_prefix(prefix)).collect();
    (!ids.is_empty()).then(|| format!("{{ not: {{ id: {{ in: {} }} }} }}", json!(ids)))
}

/// A role that sees everything except these objects.
pub(super) fn naming(hidden: &[&[&'static str]]) -> (Hidden, Rules) {
    let hidden: Hidden = hidden.iter().flat_map(|ids| ids.iter().copied()).collect();
    let [customers, conversations, tickets] = ["cus_", "con_", "tkt_"].map(|prefix| all_but(&hidden, prefix));
    (hidden, Rules { customers, conversations, tickets, ..Rules::default() })
}

/// The role of a staff member, who sees the objects assigned to them.
pub(super) fn of_staff() -> (Hidden, Rules) {
    let rules = Rules {
        conversations: Some("{ assignees: { some: { id: { eq: $staff } } } }".to_owned()),
        tickets: Some("{ assigneeId: { eq: $staff } }".to_owned()),
        customers: Some("{ conversations: { some: { assignees: { some: { id: { eq: $staff } } } } } }".to_owned()),
        ..Rules::default()
    };
    (of_others(), rules)
}

impl Pair {
    pub(super) async fn open(name: &str, (hidden, rules): (Hidden, Rules)) -> Self {
        let (story, role) = (story(), role(name, &rules));
        let with = Gateway::open(&story, &Hidden::new(), &[]).await;
        let without = Gateway::open(&story, &hidden, &[]).await;
        let viewer = client(&role, Some(MINE));
        Self { with, without, viewer, story, hidden }
    }

    /// Values of the hidden objects.
    pub(super) async fn values<'s>(&self, sdl: &'s Sdl) -> Values<'s> {
        let (hidden, others): (Vec<_>, Vec<_>) =
            self.story.iter().partition(|delivery| self.hidden.contains(delivery.about.as_str()));
        let mut ids = BTreeMap::new();
        for of in sdl.objects().filter(|of| sdl.is_node(of)) {
            let query = format!("{{ list: {} {{ nodes {{ id }} }} }}", list_of(sdl, of));
            let everything = Viewer::of_everything();
            let [with, without] = [self.with.data(&everything, &query).await, self.without.data(&everything, &query).await];
            let all = |data: &Value| -> Vec<String> {
                data["list"]["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
            };
            let (with, without) = (all(&with), all(&without));
            // Everyone sees staff members. The hidden events are those about hidden objects.
            let mut of_type: Vec<String> = with.iter().filter(|id| of == "Staff" || !without.contains(id)).cloned().collect();
            if of != "Message" && of != "Event" {
                of_type.extend(of_type.clone().iter().map(|id| id[4..].to_owned()));
            }
            ids.insert(of.to_owned(), of_type);
        }
        Values::of(sdl, &hidden, &others, ids)
    }

    /// Cursors of hidden objects.
    pub(super) async fn cursors(&self, sdl: &Sdl, values: &Values<'_>) -> BTreeMap<String, Vec<String>> {
        let mut cursors = BTreeMap::new();
        for list in sdl.fields("Query").into_iter().filter(|field| base(&field.ty.node).ends_with("Connection")) {
            let name = list.name.node.as_str();
            let arguments = match name {
                "search" => format!("(text: {}, first: 200)", json!(COMMON)),
                _ if list.arguments.iter().any(|argument| argument.node.name.node == "includeDeleted") => {
                    "(first: 200, includeDeleted: true)".to_owned()
                }
                _ => "(first: 200)".to_owned(),
            };
            let query = format!("{{ list: {name}{arguments} {{ edges {{ cursor node {{ ... on Node {{ id }} }} }} }} }}");
            let found = self.with.data(&Viewer::of_everything(), &query).await;
            let edges = found["list"]["edges"].as_array().unwrap().iter();
            let of_hidden = edges.filter(|edge| values.ids.values().flatten().any(|id| *id == edge["node"]["id"]));
            cursors.insert(name.to_owned(), of_hidden.take(4).map(|edge| edge["cursor"].as_str().unwrap().to_owned()).collect());
        }
        cursors
    }

    pub(super) async fn close(self) {
        self.with.close().await;
        self.without.close().await;
    }
}

/// A document of several requests. With an object by its id, async-graphql executes it; without, a plan does if it can.
fn document(requests: &[Request], is_planned: bool) -> String {
    let parts: Vec<String> = requests.iter().zip(0..).map(|(request, at)| request.text(&format!("a{at}"))).collect();
    format!("{{ {} {} }}", parts.join(" "), if is_planned { "" } else { "unplanned: node(id: \"cus_none\") { id }" })
}

/// The requests whose results differ in two documents.
fn different<'a>(requests: &'a [Request], [one, other]: [&Value; 2]) -> Vec<(&'a Request, Value, Value)> {
    let differ =
        requests.iter().zip(0..).map(|(request, at)| (request, one[format!("a{at}")].clone(), other[format!("a{at}")].clone()));
    differ.filter(|(_, one, other)| one != other).collect()
}

/// Compares all requests on both gateways. Returns the members of the schema that reveal a difference to a viewer who sees
/// everything.
async fn assert_same(pair: &Pair, requests: &[Request], sdl: &Sdl, finds_revealing: bool) -> BTreeSet<(String, String)> {
    let mut revealing = BTreeSet::new();
    for (requests, number) in requests.chunks(TOGETHER).zip(0..) {
        let query = document(requests, number % 4 != 0);
        let with = pair.with.ask(&pair.viewer, &query, json!({})).await;
        let without = pair.without.ask(&pair.viewer, &query, json!({})).await;
        if !with.errors.is_empty() {
            for request in requests {
                let one = pair.with.ask(&pair.viewer, &document(std::slice::from_ref(request), true), json!({})).await;
                assert_eq!(one.errors, [""; 0], "{}", request.text("it"));
            }
            panic!("{:?}: {query}", with.errors);
        }
        if with != without {
            let differ = different(requests, [&with.json(), &without.json()]);
            let (request, with, without) = differ.first().unwrap_or_else(|| panic!("only the bytes differ: {query}"));
            panic!("{} requests differ, first of them {}\n with: {with}\n without: {without}", differ.len(), request.text("it"));
        }
        // Members that have already revealed a difference are not tried again.
        let names: BTreeSet<_> = requests.iter().flat_map(|request| request.names(sdl)).collect();
        if finds_revealing && !names.is_subset(&revealing) {
            let everything = Viewer::of_everything();
            let [with, without] = [&pair.with, &pair.without].map(|gateway| gateway.data(&everything, &query));
            let [with, without] = [with.await, without.await];
            revealing.extend(different(requests, [&with, &without]).into_iter().flat_map(|(request, ..)| request.names(sdl)));
        }
    }
    revealing
}

/// Whether to also find which members of the schema can reveal hidden objects.
#[derive(Clone, Copy, PartialEq)]
enum Revealing {
    Found,
    Skipped,
}

async fn assert_hidden(name: &str, rules: (Hidden, Rules), every: usize, is_indexed: bool, revealing: Revealing) {
    let (sdl, pair) = (Sdl::read(), Pair::open(name, rules).await);
    if is_indexed {
        pair.with.index().await;
        pair.without.index().await;
    }
    let (values, selections) = (pair.values(&sdl).await, Selections::new(&sdl));
    let cursors = pair.cursors(&sdl, &values).await;
    let requests = Requests { values: &values, selections: &selections, cursors };
    let all = requests.all(every);
    let found = assert_same(&pair, &all, &sdl, revealing == Revealing::Found).await;
    assert_eq!(selections.missing(), [""; 0], "these fields are never selected");
    if revealing == Revealing::Found {
        // There are too few values for each comparison to reveal something.
        let named: BTreeSet<_> = all.iter().flat_map(|request| request.names(&sdl)).collect();
        let without_effect = named.difference(&found).filter(|(of, _)| !is_comparator(of));
        let without_effect: Vec<_> = without_effect.map(|(of, name)| format!("{of}.{name}")).collect();
        assert_eq!(without_effect, [""; 0], "these reveal nothing hidden even to a viewer who sees everything");
    }
    for request in requests.of_the_log() {
        let query = format!("{{ {} }}", request.text("log"));
        for gateway in [&pair.with, &pair.without] {
            let answer = gateway.ask(&pair.viewer, &query, json!({})).await;
            assert!(answer.is_forbidden(), "{query}: {answer:?}");
        }
    }
    pair.close().await;
}

#[tokio::test]
async fn objects_excluded_by_id_are_hidden_from_every_field_and_argument() {
    assert_hidden("by name", naming(&[&CUSTOMERS, &CONVERSATIONS, &TICKETS]), 2, true, Revealing::Found).await;
}

#[tokio::test]
async fn objects_assigned_to_others_are_hidden_from_every_field_and_argument() {
    assert_hidden("staff", of_staff(), 6, false, Revealing::Skipped).await;
}

#[tokio::test]
async fn rules_for_one_type_hide_it_and_nothing_else() {
    assert_hidden("customers", naming(&[&CUSTOMERS]), 25, false, Revealing::Skipped).await;
    assert_hidden("conversations", naming(&[&CONVERSATIONS]), 25, false, Revealing::Skipped).await;
    assert_hidden("tickets", naming(&[&TICKETS]), 25, true, Revealing::Skipped).await;
}
