//! The responses to queries for all lists. The queries are generated from the schema, so they have all fields, also of linked
//! objects.

use std::collections::HashMap;

use async_graphql_parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, TypeKind, TypeSystemDefinition},
};
use deskgraph::graphql;
use serde_json::{Value, json};

use crate::support::{app::TestApp, database::Database};

/// A gateway without tight limits.
pub(super) async fn app(database: Database) -> TestApp {
    TestApp::on(database, |config| {
        config.limits.complexity = 10_000_000;
        config.limits.tokens = 1_000_000;
        config.limits.selections = 1_000_000;
        config.limits.query_bytes = 1_000_000;
    })
    .await
}

/// All lists of the API with all that is in them, by name.
pub(super) async fn all(app: &TestApp) -> Vec<(String, Value)> {
    let schema = Schema::read();
    let mut lists = Vec::new();
    for list in schema.types["Query"].iter().filter(|field| is_list(field) && arguments(field, "x").is_some()) {
        let name = list.name.node.as_str();
        let arguments = arguments(list, "first: 50, after: $after").expect("lists with required arguments were left out");
        let nodes = schema.selection(&node_of(base(list)), 1);
        let query = format!(
            "query($after: String) {{ {name}{arguments} {{
               totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {nodes} }} }} }}"
        );
        let (mut found, mut after) = (Vec::new(), Value::Null);
        loop {
            let mut page = app.query_with(&query, json!({ "after": after })).await[name].take();
            found.append(page["nodes"].as_array_mut().unwrap());
            if page["pageInfo"]["hasNextPage"] == false {
                assert_eq!(page["totalCount"], found.len(), "{name}");
                break;
            }
            after = page["pageInfo"]["endCursor"].take();
        }
        lists.push((name.to_owned(), Value::Array(found)));
    }
    lists
}

struct Schema {
    types: HashMap<String, Vec<FieldDefinition>>,
    interfaces: Vec<String>,
}

impl Schema {
    fn read() -> Self {
        let (mut types, mut interfaces) = (HashMap::new(), Vec::new());
        for definition in parse_schema(graphql::sdl()).unwrap().definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            match definition.node.kind {
                TypeKind::Object(object) => {
                    types.insert(name, object.fields.into_iter().map(|field| field.node).collect());
                }
                TypeKind::Interface(_) => interfaces.push(name),
                _ => {}
            }
        }
        Self { types, interfaces }
    }

    /// All fields of a type: only the id of linked objects, and the first three elements of lists, `depth` levels deep. Without
    /// cursors, which differ between stores.
    fn selection(&self, of: &str, depth: u32) -> String {
        let fields = self.types[of].iter().filter(|field| field.name.node != "cursor");
        let selected = fields.map(|field| {
            let (name, of) = (&field.name.node, base(field));
            match self.types.get(&of) {
                _ if is_list(field) => {
                    let arguments = arguments(field, "first: 3").expect("lists of a thing need no arguments");
                    let nodes = if depth == 0 {
                        String::new()
                    } else {
                        format!("nodes {{ {} }}", self.selection(&node_of(of), depth - 1))
                    };
                    format!("{name}{arguments} {{ totalCount {nodes} }}")
                }
                None if self.interfaces.contains(&of) => format!("{name} {{ __typename id }}"),
                None => name.to_string(),
                Some(fields) if fields.iter().any(|field| field.name.node == "id") => format!("{name} {{ id }}"),
                Some(_) => format!("{name} {{ {} }}", self.selection(&of, depth)),
            }
        });
        selected.collect::<Vec<_>>().join(" ")
    }
}

fn base(field: &FieldDefinition) -> String {
    let mut of = &field.ty.node.base;
    loop {
        match of {
            BaseType::Named(name) => return name.to_string(),
            BaseType::List(item) => of = &item.base,
        }
    }
}

fn is_list(field: &FieldDefinition) -> bool {
    base(field).ends_with("Connection")
}

fn node_of(connection: impl AsRef<str>) -> String {
    connection.as_ref().trim_end_matches("Connection").to_owned()
}

/// The arguments to read a whole list; `None` if it requires others.
fn arguments(field: &FieldDefinition, page: &str) -> Option<String> {
    let needed = |argument: &&async_graphql_parser::Positioned<async_graphql_parser::types::InputValueDefinition>| {
        !argument.node.ty.node.nullable && argument.node.default_value.is_none()
    };
    if field.arguments.iter().any(|argument| needed(&argument)) {
        return None;
    }
    let has_deleted = field.arguments.iter().any(|argument| argument.node.name.node == "includeDeleted");
    Some(format!("({page}{})", if has_deleted { ", includeDeleted: true" } else { "" }))
}
