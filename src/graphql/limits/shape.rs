//! The shape of the schema, as weighing needs it: for each field, the type it leads to and how many objects.
//!
//! It is read from the schema's SDL once. A type whose name ends in `Connection` is a page of a list, and so is one with fields
//! `page` and `steps` (a live page). SDL does not contain the introspection types, so they are described here.

use std::collections::HashMap;

use async_graphql::{
    Positioned,
    parser::{
        parse_schema,
        types::{BaseType, FieldDefinition, OperationType, Type, TypeKind, TypeSystemDefinition},
    },
};

use crate::graphql::custom_fields::DEFAULT_KEYS;

/// The assumed length of a list that is not a connection.
const LIST: u64 = 5;

/// The introspection types, and how their lists are weighed. The lengths are closer to reality than [`LIST`], since clients
/// nest introspection alike.
const INTROSPECTION: &str = "
    type __Schema { types: [__Type] queryType: __Type mutationType: __Type subscriptionType: __Type directives: [__Directive] }
    type __Type { fields: [__Field] interfaces: [__Type] possibleTypes: [__Type] enumValues: [__EnumValue]
                  inputFields: [__InputValue] ofType: __Type }
    type __Field { args: [__InputValue] type: __Type }
    type __InputValue { type: __Type }
    type __EnumValue { name: String }
    type __Directive { args: [__InputValue] }
";

/// The fields of a schema that lead to objects. All others are leaves.
#[derive(Debug, Default)]
pub(super) struct Shape {
    fields: HashMap<String, HashMap<String, Link>>,
    roots: HashMap<&'static str, String>,
}

/// The target of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// How many objects it leads to.
    pub(super) kind: Kind,
    /// The name of their type.
    pub(super) of: String,
}

/// How many objects a field leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One.
    One,
    /// A list with this assumed length, unless an argument limits it.
    List(u64),
    /// A page of a list.
    Connection,
    /// Within a page: its objects.
    Nodes,
    /// Within a page: its objects, each wrapped in an edge or in a step.
    Edges,
    /// Within a page: its position in the list.
    PageInfo,
    /// The introspection of the schema.
    Introspection,
}

impl Shape {
    /// Reads the shape from an SDL.
    pub(super) fn of_sdl(sdl: &str) -> Result<Self, async_graphql::parser::Error> {
        let mut shape = Self::default();
        let mut composite: HashMap<String, Vec<Positioned<FieldDefinition>>> = HashMap::new();
        for definition in parse_schema(INTROSPECTION)?.definitions.into_iter().chain(parse_schema(sdl)?.definitions) {
            match definition {
                TypeSystemDefinition::Type(definition) => {
                    let fields = match definition.node.kind {
                        TypeKind::Object(object) => object.fields,
                        TypeKind::Interface(interface) => interface.fields,
                        TypeKind::Union(_) => Vec::new(),
                        _ => continue,
                    };
                    composite.entry(definition.node.name.node.to_string()).or_default().extend(fields);
                }
                TypeSystemDefinition::Schema(schema) => {
                    let schema = schema.node;
                    for (operation, name) in [
                        (OperationType::Query, schema.query),
                        (OperationType::Mutation, schema.mutation),
                        (OperationType::Subscription, schema.subscription),
                    ] {
                        shape.roots.extend(name.map(|name| (key(operation), name.node.to_string())));
                    }
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        for (parent, fields) in &composite {
            let links = fields
                .iter()
                .filter_map(|field| Some((field.node.name.node.to_string(), link(&composite, parent, &field.node)?)));
            shape.fields.insert(parent.clone(), links.collect());
        }
        let root = shape.root(OperationType::Query).to_owned();
        let introspection = [("__schema", "__Schema"), ("__type", "__Type")];
        let links = introspection.map(|(field, of)| (field.to_owned(), Link { kind: Kind::Introspection, of: of.to_owned() }));
        shape.fields.entry(root).or_default().extend(links);
        Ok(shape)
    }

    /// The root type of a type of operation.
    pub(super) fn root(&self, operation: OperationType) -> &str {
        self.roots.get(key(operation)).map_or(key(operation), String::as_str)
    }

    /// The target of a field; `None` if it is a leaf or unknown.
    pub(super) fn link(&self, parent: &str, field: &str) -> Option<&Link> {
        self.fields.get(parent)?.get(field)
    }
}

fn key(operation: OperationType) -> &'static str {
    match operation {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

fn link(composite: &HashMap<String, Vec<Positioned<FieldDefinition>>>, parent: &str, field: &FieldDefinition) -> Option<Link> {
    let name = field.name.node.as_str();
    let (of, is_list) = named(&field.ty.node);
    if !composite.contains_key(of) {
        return None;
    }
    let is_page = |of: &str| of.ends_with("Connection") || is_live_page(&composite[of]);
    let kind = match (is_list, is_page(parent)) {
        (true, true) if name == "edges" || name == "steps" => Kind::Edges,
        (true, true) => Kind::Nodes,
        (false, true) => Kind::PageInfo,
        (true, false) => Kind::List(length(parent, name)),
        (false, false) if is_page(of) => Kind::Connection,
        (false, false) => Kind::One,
    };
    Some(Link { kind, of: of.to_owned() })
}

fn is_live_page(fields: &[Positioned<FieldDefinition>]) -> bool {
    ["page", "steps"].iter().all(|name| fields.iter().any(|field| field.node.name.node == *name))
}

fn length(parent: &str, field: &str) -> u64 {
    match (parent, field) {
        ("__Schema", "types") => 100,
        ("__Type", "fields") => 10,
        ("Query", "customFieldKeys") => DEFAULT_KEYS.into(),
        _ => LIST,
    }
}

/// The name of a type without its wrappers, and whether it is a list.
fn named(wrapped: &Type) -> (&str, bool) {
    match &wrapped.base {
        BaseType::Named(name) => (name, false),
        BaseType::List(of) => (named(of).0, true),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Shape};

    #[test]
    fn the_shape_has_the_number_of_objects_of_each_field() {
        let sdl = "
            schema { query: Start }
            type Start implements Node { id: ID! things(first: Int): ThingConnection! thing: Thing any: Any node: Node all: [[Thing!]!]! }
            interface Node { id: ID! self: Node }
            union Any = Thing | Start
            enum Color { RED }
            scalar JSON
            input Filter { thing: Filter }
            type Thing { color: Color! data: JSON names: [String!]! }
            type ThingConnection { edges: [ThingEdge!]! nodes: [Thing!]! pageInfo: PageInfo! totalCount: Int! }
            type ThingEdge { cursor: String! node: Thing! }
            type PageInfo { endCursor: String }
            type Subscription { thingsLive(first: Int): ThingsLive! }
            type ThingsLive { cursor: String! page: [Thing!] steps: [ThingStep!]! }
            type ThingStep { id: ID! node: Thing }";
        let shape = Shape::of_sdl(sdl).unwrap();
        assert_eq!(shape.root(async_graphql::parser::types::OperationType::Query), "Start");
        let link = |parent, field| shape.link(parent, field).map(|link| (link.kind, link.of.as_str()));
        assert_eq!(link("Start", "things"), Some((Kind::Connection, "ThingConnection")));
        assert_eq!(link("Start", "thing"), Some((Kind::One, "Thing")));
        assert_eq!(link("Start", "any"), Some((Kind::One, "Any")));
        assert_eq!(link("Start", "all"), Some((Kind::List(5), "Thing")));
        assert_eq!(link("Start", "__schema"), Some((Kind::Introspection, "__Schema")));
        assert_eq!(link("Node", "self"), Some((Kind::One, "Node")));
        assert_eq!(link("ThingConnection", "nodes"), Some((Kind::Nodes, "Thing")));
        assert_eq!(link("ThingConnection", "edges"), Some((Kind::Edges, "ThingEdge")));
        assert_eq!(link("ThingConnection", "pageInfo"), Some((Kind::PageInfo, "PageInfo")));
        assert_eq!(link("ThingEdge", "node"), Some((Kind::One, "Thing")));
        assert_eq!(link("Subscription", "thingsLive"), Some((Kind::Connection, "ThingsLive")));
        assert_eq!(link("ThingsLive", "page"), Some((Kind::Nodes, "Thing")));
        assert_eq!(link("ThingsLive", "steps"), Some((Kind::Edges, "ThingStep")));
        assert_eq!(link("ThingStep", "node"), Some((Kind::One, "Thing")));
        assert_eq!(link("__Type", "fields"), Some((Kind::List(10), "__Field")));
        for leaf in [
            ("Thing", "color"),
            ("Thing", "data"),
            ("Thing", "names"),
            ("Start", "id"),
            ("ThingConnection", "totalCount"),
            ("Filter", "thing"),
            ("No", "thing"),
        ] {
            assert_eq!(link(leaf.0, leaf.1), None, "{leaf:?}");
        }
    }
}
