//! The schema as a document: `schema.graphql` equals the output of the program, everything in it is described, and it keeps the
//! contract with the frontend teams (`fixtures/contract.graphql`).

use std::{collections::BTreeSet, fs, path::Path};

use async_graphql_parser::{
    Positioned, parse_schema,
    types::{FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition},
};
use deskgraph::graphql;

#[test]
fn the_schema_in_the_repository_is_the_one_the_program_prints() {
    let committed = read("schema.graphql");
    assert!(committed == graphql::sdl(), "schema.graphql differs from the program: run `cargo run -- schema > schema.graphql`");
}

#[test]
fn everything_in_the_schema_is_described() {
    let undescribed: Vec<String> = statements(&graphql::sdl())
        .into_iter()
        .filter(|statement| statement.description.as_ref().is_none_or(|description| description.trim().is_empty()))
        .map(|statement| statement.text)
        .collect();
    assert!(undescribed.is_empty(), "without a description: {undescribed:#?}");
}

#[test]
fn the_schema_keeps_the_contract_with_the_frontend_teams() {
    let offered: BTreeSet<String> = statements(&graphql::sdl()).into_iter().map(|statement| statement.text).collect();
    let promised = statements(&read("tests/fixtures/contract.graphql"));
    let missing: Vec<String> =
        promised.into_iter().map(|statement| statement.text).filter(|text| !offered.contains(text)).collect();
    assert!(missing.is_empty(), "in the contract, but missing or different: {missing:#?}");
}

#[test]
fn additions_to_the_contract_require_nothing_of_a_client() {
    let contract = statements(&read("tests/fixtures/contract.graphql"));
    let promised: BTreeSet<&str> = contract.iter().map(|statement| statement.text.as_str()).collect();
    let places: BTreeSet<&str> = contract.iter().map(|statement| statement.place.as_str()).collect();
    let demanded: Vec<String> = statements(&graphql::sdl())
        .into_iter()
        .filter(|offered| offered.is_required && places.contains(offered.owner()) && !promised.contains(offered.text.as_str()))
        .map(|offered| offered.text)
        .collect();
    assert!(demanded.is_empty(), "required of clients, but not in the contract: {demanded:#?}");
}

/// One statement of a schema.
struct Statement {
    /// Its coordinate: `Customer`, `Customer.tickets`, `Customer.tickets.first`.
    place: String,
    /// All of it except the description: `Customer.tickets.first: Int`.
    text: String,
    description: Option<String>,
    /// Whether it is a required argument or input field.
    is_required: bool,
}

impl Statement {
    fn new(place: String, text: String, description: Option<&Positioned<String>>) -> Self {
        Self { place, text, description: description.map(|description| description.node.clone()), is_required: false }
    }

    fn owner(&self) -> &str {
        self.place.rsplit_once('.').map_or("", |(owner, _)| owner)
    }
}

/// All statements about types, in any order.
fn statements(sdl: &str) -> Vec<Statement> {
    let document = parse_schema(sdl).expect("the schema is valid");
    let mut statements = Vec::new();
    for definition in document.definitions {
        if let TypeSystemDefinition::Type(definition) = definition {
            of_type(&definition.node, &mut statements);
        }
    }
    statements
}

fn of_type(definition: &TypeDefinition, statements: &mut Vec<Statement>) {
    let name = definition.name.node.as_str();
    let mut add = |word: &str| {
        statements.push(Statement::new(name.to_owned(), format!("{word} {name}"), definition.description.as_ref()));
    };
    match &definition.kind {
        TypeKind::Scalar => add("scalar"),
        TypeKind::Object(object) => {
            add("type");
            for interface in &object.implements {
                add(&format!("{} of", interface.node));
            }
            object.fields.iter().for_each(|field| of_field(name, &field.node, statements));
        }
        TypeKind::Interface(interface) => {
            add("interface");
            interface.fields.iter().for_each(|field| of_field(name, &field.node, statements));
        }
        TypeKind::Union(union) => {
            add("union");
            for member in &union.members {
                add(&format!("{} in", member.node));
            }
        }
        TypeKind::Enum(values) => {
            add("enum");
            for value in &values.values {
                let place = format!("{name}.{}", value.node.value.node);
                statements.push(Statement::new(place.clone(), place, value.node.description.as_ref()));
            }
        }
        TypeKind::InputObject(input) => {
            add("input");
            input.fields.iter().for_each(|field| of_input(name, &field.node, statements));
        }
    }
}

fn of_field(owner: &str, field: &FieldDefinition, statements: &mut Vec<Statement>) {
    let place = format!("{owner}.{}", field.name.node);
    field.arguments.iter().for_each(|argument| of_input(&place, &argument.node, statements));
    let text = format!("{place}: {}", field.ty.node);
    statements.push(Statement::new(place, text, field.description.as_ref()));
}

fn of_input(owner: &str, input: &InputValueDefinition, statements: &mut Vec<Statement>) {
    let place = format!("{owner}.{}", input.name.node);
    let default = input.default_value.as_ref().map(|value| format!(" = {}", value.node)).unwrap_or_default();
    let text = format!("{place}: {}{default}", input.ty.node);
    let is_required = !input.ty.node.nullable && input.default_value.is_none();
    statements.push(Statement { is_required, ..Statement::new(place, text, input.description.as_ref()) });
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
