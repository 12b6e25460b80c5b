//! Subscriptions of a role with rules, from the beginning up to the last object of its type.

use std::{collections::BTreeMap, fmt::Write as _};

use async_graphql::Value as Constant;
use deskgraph::graphql::Viewer;
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::{
    gateways::{Answer, Gateway},
    hidden::{Pair, naming, of_staff},
    requests::{Request, Requests},
    sdl::{Sdl, base},
    select::{Selections, is_live_result, is_of_the_log},
    story::{CONVERSATIONS, CUSTOMERS, LAST, TICKETS},
    values::{Input, Values, input},
};

/// Parts of payloads that are not compared, with the reason.
const LEFT_OUT: [(&str, &str); 1] = [("cursor", "a position")];

/// A subscription field.
pub(super) struct Subscription {
    field: String,
    filter: String,
    /// The selection of a payload, besides the id of its object.
    selection: String,
    /// The id of the last object.
    last: &'static str,
}

impl Subscription {
    /// All subscriptions to changes that do not lead to the raw log.
    pub(super) fn all(selections: &Selections<'_>) -> Vec<Self> {
        let sdl = selections.sdl;
        let mut all = Vec::new();
        let is_of_changes = |ty: &str| !is_of_the_log(sdl, ty) && !is_live_result(sdl, ty);
        for field in sdl.fields("Subscription").into_iter().filter(|field| is_of_changes(base(&field.ty.node))) {
            let (name, payload) = (&field.name.node, base(&field.ty.node));
            let mut filter = None;
            for argument in &field.arguments {
                let ty = base(&argument.node.ty.node);
                match (argument.node.name.node.as_str(), input(ty)) {
                    ("filter", Input::Filter) => filter = Some(ty.to_owned()),
                    ("after", Input::Text) => {}
                    (argument, kind) => panic!("unclassified: Subscription.{name}({argument}: {ty}): {kind:?}"),
                }
            }
            let (mut selection, mut last) = (String::new(), None);
            for part in sdl.fields(payload) {
                let (part, ty) = (part.name.node.as_str(), base(&part.ty.node));
                if sdl.is_node(ty) {
                    last = LAST.iter().find(|(of, _)| *of == ty).map(|(_, id)| *id);
                    let _ = write!(selection, "object: {part} {} ", selections.of(ty, 1));
                } else if !LEFT_OUT.iter().any(|(left_out, _)| *left_out == part) {
                    let _ = write!(selection, "{part} {} ", selections.of(ty, 1));
                }
            }
            let last = last.unwrap_or_else(|| panic!("LAST has no object for Subscription.{name}"));
            all.push(Self { field: name.to_string(), filter: filter.unwrap(), selection, last });
        }
        all
    }

    /// The subscription, filtered by a condition or the last object.
    pub(super) fn of(&self, condition: Option<&Constant>) -> String {
        let Self { field, selection, last, .. } = self;
        let filter = condition.map(|condition| format!(", filter: {{ or: [{condition}, {{ id: {{ eq: \"{last}\" }} }}] }}"));
        format!(
            "subscription ($after: String) {{ sent: {field}(after: $after{}) {{ {selection} }} }}",
            filter.unwrap_or_default()
        )
    }

    /// Everything it delivers, up to the last object.
    pub(super) async fn sent(&self, gateway: &Gateway, viewer: &Viewer, condition: Option<&Constant>) -> Vec<String> {
        let mut stream = gateway.follow(viewer, &self.of(condition));
        let mut sent = Vec::new();
        loop {
            let Answer { data, errors } = stream.next().await.unwrap();
            assert_eq!(errors, [""; 0], "{}", self.of(condition));
            let is_last = serde_json::from_str::<Value>(&data).unwrap()["sent"]["object"]["id"] == json!(self.last);
            sent.push(data);
            if is_last {
                return sent;
            }
        }
    }

    /// Filters for the subscription.
    pub(super) fn conditions(&self, values: &Values<'_>, links: usize) -> Vec<Constant> {
        values.conditions(&self.filter, links, false)
    }
}

/// The first payload of a live page or a live statistic, without its position.
pub(super) async fn first(gateway: &Gateway, viewer: &Viewer, live: &Request) -> Option<Answer> {
    let mut answer = gateway.follow(viewer, &format!("subscription {{ {} }}", live.text("it"))).next().await?;
    let mut data: Value = serde_json::from_str(&answer.data).unwrap();
    for (left_out, _) in LEFT_OUT {
        if let Some(payload) = data.get_mut("it").and_then(Value::as_object_mut) {
            payload.remove(left_out);
        }
    }
    answer.data = data.to_string();
    Some(answer)
}

/// Compares subscriptions on both gateways, with every n-th filter.
async fn assert_hidden(pair: Pair, every: usize) {
    let sdl = Sdl::read();
    let (values, selections) = (pair.values(&sdl).await, Selections::new(&sdl));
    let mut tried = 0;
    for subscription in Subscription::all(&selections) {
        let field = &subscription.field;
        let everything = Viewer::of_everything();
        let [with, without] = [&pair.with, &pair.without].map(|gateway| subscription.sent(gateway, &everything, None));
        assert_ne!(with.await, without.await, "nothing is hidden from {field}");
        let conditions = subscription.conditions(&values, 1);
        for condition in [None].into_iter().chain(conditions.iter().step_by(every).map(Some)) {
            let [with, without] = [&pair.with, &pair.without].map(|gateway| subscription.sent(gateway, &pair.viewer, condition));
            let (with, without) = futures_util::join!(with, without);
            assert_eq!(with, without, "{}", subscription.of(condition));
            tried += 1;
        }
    }
    assert!(tried > 15, "only {tried} filters");
    let requests = Requests { values: &values, selections: &selections, cursors: BTreeMap::new() };
    let mut tried = 0;
    for (live, _) in requests.live(every * 4) {
        let [with, without] = [&pair.with, &pair.without].map(|gateway| first(gateway, &pair.viewer, &live));
        assert_eq!(with.await, without.await, "{}", live.text("live"));
        tried += 1;
    }
    assert!(tried > 50, "only {tried} live pages and statistics");
    for field in sdl.fields("Subscription").into_iter().filter(|field| is_of_the_log(&sdl, base(&field.ty.node))) {
        let query = format!("subscription {{ {} {{ cursor }} }}", field.name.node);
        for gateway in [&pair.with, &pair.without] {
            let answer = gateway.follow(&pair.viewer, &query).next().await.unwrap();
            assert!(answer.is_forbidden(), "{query}: {answer:?}");
        }
    }
    pair.close().await;
}

#[tokio::test]
async fn objects_excluded_by_id_are_not_streamed() {
    assert_hidden(Pair::open("live by name", naming(&[&CUSTOMERS, &CONVERSATIONS, &TICKETS])).await, 2).await;
}

#[tokio::test]
async fn objects_assigned_to_others_are_not_streamed() {
    assert_hidden(Pair::open("live staff", of_staff()).await, 5).await;
}
