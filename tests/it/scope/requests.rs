//! All possible requests: for each field with arguments, anywhere in the schema, each argument with values that could reveal a
//! hidden object; and every object through its links.

use std::collections::BTreeMap;

use async_graphql::{Name, Value as Constant};
use async_graphql_parser::types::FieldDefinition;
use serde_json::{Map, Value};

use super::{
    sdl::{Sdl, base},
    select::{Selections, is_live_result, is_of_the_log},
    values::{Input, Values, input, object},
};

/// Root fields that are not compared, each with the reason.
const LEFT_OUT: [(&str, &str); 1] = [("head", "a position: everyone may know how much was stored")];

/// The depth of links in selections.
const DEPTH: usize = 3;

/// A word that occurs in visible and in hidden texts.
pub(super) const COMMON: &str = "Khách";

/// A request for one field with arguments.
#[derive(Clone)]
pub(super) struct Request {
    /// The type that has the field.
    pub(super) on: String,
    pub(super) field: String,
    /// Each as name, type and value.
    pub(super) arguments: Vec<(String, String, Constant)>,
    selection: String,
    /// The surrounding selection, if its type is not a root.
    around: Option<String>,
}

impl Request {
    fn written(&self, alias: &str, value: impl Fn(&str, &Constant) -> String) -> String {
        let arguments: Vec<String> =
            self.arguments.iter().map(|(name, _, given)| format!("{name}: {}", value(name, given))).collect();
        let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
        let Self { field, selection, .. } = self;
        match &self.around {
            None => format!("{alias}: {field}{arguments} {selection}"),
            Some(list) => format!("{alias}: {list} {{ nodes {{ id nested: {field}{arguments} {selection} }} }}"),
        }
    }

    /// Its text in a document, under an alias.
    pub(super) fn text(&self, alias: &str) -> String {
        self.written(alias, |_, value| value.to_string())
    }

    /// A document that passes its arguments as variables, and the variables.
    pub(super) fn with_variables(&self) -> (String, Value) {
        let types: Vec<String> = self.arguments.iter().map(|(name, ty, _)| format!("${name}: {ty}")).collect();
        let types = if types.is_empty() { String::new() } else { format!("({})", types.join(", ")) };
        let variables = self.arguments.iter().map(|(name, _, value)| (name.clone(), value.clone().into_json().unwrap()));
        (
            format!("query {types} {{ {} }}", self.written("it", |name, _| format!("${name}"))),
            variables.collect::<Map<_, _>>().into(),
        )
    }

    /// The members of input types that it names, and its own field.
    pub(super) fn names(&self, sdl: &Sdl) -> Vec<(String, String)> {
        let mut names = vec![(self.on.clone(), self.field.clone())];
        for (_, ty, value) in &self.arguments {
            let ty = ty.trim_matches(|letter| "[]!".contains(letter));
            sdl.named(ty, value, &mut names);
        }
        names
    }
}

/// Builds the requests.
pub(super) struct Requests<'a> {
    pub(super) values: &'a Values<'a>,
    pub(super) selections: &'a Selections<'a>,
    /// Cursors of hidden objects, by the list of the query root that gave them.
    pub(super) cursors: BTreeMap<String, Vec<String>>,
}

type Arguments = Vec<(&'static str, Constant)>;

impl Requests<'_> {
    /// All requests, in schema order. With `every` = n, only each n-th filter.
    pub(super) fn all(&self, every: usize) -> Vec<Request> {
        let sdl = self.selections.sdl;
        let mut all = Vec::new();
        let objects = sdl.objects().filter(|of| *of != "Query" && *of != "Subscription" && !is_of_the_log(sdl, of));
        for of in ["Query"].into_iter().chain(objects) {
            for field in sdl.fields(of) {
                let is_left_out = of == "Query" && LEFT_OUT.iter().any(|(name, _)| field.name.node == *name);
                let is_nested = of != "Query";
                if is_left_out || is_of_the_log(sdl, base(&field.ty.node)) || is_nested && field.arguments.is_empty() {
                    continue;
                }
                let around = is_nested.then(|| list_of(sdl, of));
                all.extend(self.of_field(of, field, around.as_ref(), if is_nested { every * 11 } else { every }));
            }
        }
        all
    }

    /// Live pages and live statistics, each with the corresponding list or statistic.
    pub(super) fn live(&self, every: usize) -> Vec<(Request, Request)> {
        let sdl = self.selections.sdl;
        let mut all = Vec::new();
        for field in sdl.fields("Subscription").into_iter().filter(|field| is_live_result(sdl, base(&field.ty.node))) {
            let name = field.name.node.strip_suffix("Live");
            let once = sdl.fields("Query").into_iter().find(|once| Some(once.name.node.as_str()) == name);
            let once = once.unwrap_or_else(|| panic!("no query corresponds to Subscription.{}", field.name.node));
            let selection = self.selections.ids(base(&once.ty.node));
            all.extend(self.of_field("Subscription", field, None, every).into_iter().map(|live| {
                let once = Request {
                    on: "Query".to_owned(),
                    field: once.name.node.to_string(),
                    selection: selection.clone(),
                    ..live.clone()
                };
                (live, once)
            }));
        }
        all
    }

    /// The fields that lead to the raw log, which are refused.
    pub(super) fn of_the_log(&self) -> Vec<Request> {
        let sdl = self.selections.sdl;
        let mut all = Vec::new();
        for of in sdl.objects().filter(|of| *of != "Subscription" && !is_of_the_log(sdl, of)) {
            for field in sdl.fields(of).into_iter().filter(|field| is_of_the_log(sdl, base(&field.ty.node))) {
                let around = (of != "Query").then(|| list_of(sdl, of));
                let [on, field] = [of, field.name.node.as_str()].map(str::to_owned);
                all.push(Request { on, field, arguments: Vec::new(), selection: "{ __typename }".to_owned(), around });
            }
        }
        all
    }

    fn of_field(&self, of: &str, field: &FieldDefinition, around: Option<&String>, every: usize) -> Vec<Request> {
        let ty = base(&field.ty.node);
        let types: BTreeMap<&str, String> = field
            .arguments
            .iter()
            .map(|argument| (argument.node.name.node.as_str(), argument.node.ty.node.to_string()))
            .collect();
        let request = |arguments: Arguments, depth: usize| {
            let selection = if depth == 0 { self.selections.ids(ty) } else { self.selections.of(ty, depth) };
            let arguments = arguments.into_iter().map(|(name, value)| (name.to_owned(), types[name].clone(), value)).collect();
            Request { on: of.to_owned(), field: field.name.node.to_string(), arguments, selection, around: around.cloned() }
        };
        let has = |name: &str| types.contains_key(name);
        let deleted = || -> Arguments { if has("includeDeleted") { vec![("includeDeleted", true.into())] } else { vec![] } };
        let mut requests = Vec::new();
        if !types.values().any(|ty| ty.ends_with('!') && ty != "Boolean!") {
            let depth = if around.is_some() { 1 } else { DEPTH };
            requests.extend([request(vec![], depth), request(vec![], 0), request(deleted(), depth - 1)]);
        }
        for argument in &field.arguments {
            let (name, ty) = (argument.node.name.node.as_str(), base(&argument.node.ty.node));
            let tries: Vec<Arguments> = match (name, input(ty)) {
                ("id", Input::Id) => self.ids(base(&field.ty.node)).into_iter().map(|id| vec![("id", id)]).collect(),
                ("ids", Input::Id) => {
                    self.ids("Node").chunks(100).map(|ids| vec![("ids", Constant::List(ids.to_vec()))]).collect()
                }
                ("text", Input::Text) => self.values.words.iter().map(|word| vec![("text", word.as_str().into())]).collect(),
                // Parts of keys.
                ("search", Input::Text) => ["", "cf_", "tag", "none"].map(|text| vec![("search", text.into())]).to_vec(),
                ("types", Input::Words) => {
                    let types = self.values.sdl.words(ty).unwrap();
                    types.into_iter().map(|ty| vec![("text", COMMON.into()), ("types", Constant::List(vec![ty]))]).collect()
                }
                ("first" | "last", Input::Int) => {
                    let name = if name == "first" { "first" } else { "last" };
                    let text: Arguments = if has("text") { vec![("text", COMMON.into())] } else { vec![] };
                    [0, 1, 3, 200].map(|size| [text.clone(), vec![(name, size.into())], deleted()].concat()).to_vec()
                }
                ("after" | "before", Input::Text) => self.pages(of, field, name == "after", &deleted()),
                ("includeDeleted", Input::Flag) => [true, false].map(|is| vec![("includeDeleted", is.into())]).to_vec(),
                ("filter", Input::Filter) => {
                    let conditions = self.values.conditions(ty, 2, true);
                    let thinned = if has("groupBy") { every * 5 } else { every };
                    // Each field starts at another offset, so that together they cover all.
                    let from = field.name.node.len() % thinned;
                    let conditions = conditions.into_iter().skip(from).step_by(thinned);
                    conditions.map(|filter| [vec![("filter", filter)], deleted()].concat()).collect()
                }
                ("orderBy", Input::Order) => self
                    .orders(ty)
                    .into_iter()
                    .flat_map(|order| {
                        let page = |name| [vec![("orderBy", order.clone()), (name, 2.into())], deleted()].concat();
                        [[vec![("orderBy", order.clone())], deleted()].concat(), page("first"), page("last")]
                    })
                    .filter(|arguments| arguments.iter().all(|(name, _)| has(name)))
                    .collect(),
                ("groupBy", Input::Words) => self.groups(ty).into_iter().map(|group| vec![("groupBy", group)]).collect(),
                ("interval", Input::Words) => {
                    let intervals = self.values.sdl.words(ty).unwrap();
                    intervals.into_iter().map(|interval| vec![("groupBy", time()), ("interval", interval)]).collect()
                }
                ("timeZone", Input::Text) => {
                    ["Asia/Tokyo", "America/New_York"].map(|zone| vec![("groupBy", time()), ("timeZone", zone.into())]).to_vec()
                }
                ("keys", Input::Text) => [vec!["cf_tag".into()], vec!["cf_points".into(), "none".into()], vec![]]
                    .map(|keys: Vec<Constant>| vec![("keys", Constant::List(keys))])
                    .to_vec(),
                (_, kind) => panic!("unclassified: {of}.{}({name}: {}): {kind:?}", field.name.node, argument.node.ty.node),
            };
            let depth = match name {
                "ids" => 2,
                "id" | "types" => 1,
                _ => 0,
            };
            // Ids and words are many, and alike.
            let step = if every > 2 && ["id", "text"].contains(&name) { 3 } else { 1 };
            requests.extend(tries.into_iter().step_by(step).map(|arguments| request(arguments, depth)));
        }
        requests
    }

    /// The ids that may be requested where a type is expected.
    fn ids(&self, ty: &str) -> Vec<Constant> {
        let is_global = |id: &str| {
            self.values.sdl.is_node(ty)
                || ["cus_", "con_", "msg_", "tkt_", "stf_", "evt_"].iter().any(|prefix| id.starts_with(prefix))
        };
        let of: Vec<&String> = match self.values.ids.get(ty) {
            Some(ids) => ids.iter().collect(),
            None => self.values.ids.values().flatten().collect(),
        };
        of.into_iter().filter(|id| is_global(id)).map(|id| id.as_str().into()).collect()
    }

    fn pages(&self, of: &str, field: &FieldDefinition, is_after: bool, deleted: &Arguments) -> Vec<Arguments> {
        let (cursor, size) = if is_after { ("after", "first") } else { ("before", "last") };
        let cursors = self.cursors.get(field.name.node.as_str()).filter(|_| of == "Query");
        let text: Arguments = if field.name.node == "search" { vec![("text", COMMON.into())] } else { vec![] };
        let pages = cursors
            .into_iter()
            .flatten()
            .map(|at| [text.clone(), vec![(cursor, at.as_str().into()), (size, 2.into())], deleted.clone()].concat());
        pages.collect()
    }

    /// Every order, with and without a direction.
    fn orders(&self, ty: &str) -> Vec<Constant> {
        let fields = self.values.sdl.inputs(ty);
        let of = |name: &str| {
            let field = fields.iter().find(|field| field.name.node == name);
            let field = field.unwrap_or_else(|| panic!("unclassified: {ty}: it has no {name}"));
            self.values.sdl.words(base(&field.ty.node)).unwrap()
        };
        assert_eq!(fields.len(), 2, "unclassified: {ty}");
        let mut orders = Vec::new();
        for field in of("field") {
            orders.push(object("field", field.clone()));
            for direction in of("direction") {
                let order = [(Name::new("field"), field.clone()), (Name::new("direction"), direction)];
                orders.push(Constant::Object(order.into_iter().collect()));
            }
        }
        orders
    }

    /// Nothing, each dimension, each two, and all.
    fn groups(&self, ty: &str) -> Vec<Constant> {
        let all = self.values.sdl.words(ty).unwrap();
        let mut groups = vec![vec![], all.clone()];
        for (at, one) in all.iter().enumerate() {
            groups.push(vec![one.clone()]);
            groups.extend(all[..at].iter().map(|other| vec![one.clone(), other.clone()]));
        }
        groups.into_iter().map(Constant::List).collect()
    }
}

fn time() -> Constant {
    Constant::List(vec![Constant::Enum(Name::new("TIME"))])
}

/// The request for the list of all objects of a type.
pub(super) fn list_of(sdl: &Sdl, of: &str) -> String {
    let connection = format!("{of}Connection");
    let list = sdl.fields("Query").into_iter().find(|field| base(&field.ty.node) == connection);
    let list = list.unwrap_or_else(|| panic!("no list leads to a {of}, which has fields with arguments"));
    let deleted = list.arguments.iter().any(|argument| argument.node.name.node == "includeDeleted");
    format!("{}(first: 200{})", list.name.node, if deleted { ", includeDeleted: true" } else { "" })
}
