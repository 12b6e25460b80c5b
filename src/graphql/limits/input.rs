//! The values and sizes of a request's arguments. Variables are looked up among the values sent, then among the defaults of the
//! operation.

use std::collections::HashMap;

use async_graphql::{
    Name, Number, Positioned, Value as Constant, Variables,
    parser::types::{Directive, ExecutableDocument, Field, Selection, SelectionSet, VariableDefinition},
};

use async_graphql_value::Value;

use crate::graphql::document::has_variable;

use crate::domain::page;

/// The least size of a value, in bytes: about what it takes in memory.
const VALUE_BYTES: u64 = 8;

/// The values of the variables of a request.
pub(super) struct Input<'r> {
    variables: HashMap<&'r str, (&'r Constant, u64)>,
}

impl<'r> Input<'r> {
    /// From the values sent and the variable definitions with their defaults.
    pub(super) fn new(sent: &'r Variables, definitions: &'r [Positioned<VariableDefinition>]) -> Self {
        let defaults = definitions
            .iter()
            .filter_map(|definition| Some((&definition.node.name.node, &definition.node.default_value.as_ref()?.node)));
        // A value that was sent overrides a default.
        let values = defaults.chain(sent.iter());
        Self { variables: values.map(|(name, value)| (name.as_str(), (value, constant_bytes(value)))).collect() }
    }

    /// The size of arguments in bytes, with variables replaced by their values.
    pub(super) fn bytes(&self, arguments: &[(Positioned<Name>, Positioned<Value>)]) -> u64 {
        arguments.iter().fold(0, |sum, (_, value)| sum.saturating_add(self.value_bytes(&value.node)))
    }

    fn value_bytes(&self, value: &Value) -> u64 {
        match value {
            Value::Variable(name) => self.variables.get(name.as_str()).map_or(VALUE_BYTES, |(_, bytes)| *bytes),
            Value::String(text) => text_bytes(text),
            Value::Enum(name) => text_bytes(name),
            Value::List(items) => all(items.iter().map(|item| self.value_bytes(item))),
            Value::Object(fields) => {
                all(fields.iter().map(|(name, value)| text_bytes(name).saturating_add(self.value_bytes(value))))
            }
            Value::Binary(bytes) => VALUE_BYTES.saturating_add(bytes.len() as u64),
            Value::Null | Value::Number(_) | Value::Boolean(_) => VALUE_BYTES,
        }
    }

    /// The largest page that a field with `first` or `last` can request, in objects; `usual` without either.
    pub(super) fn page_size(&self, field: &Field, usual: u64) -> u64 {
        let requested = ["first", "last"].iter().filter_map(|name| self.number(&field.get_argument(name)?.node)).max();
        requested.unwrap_or(usual).min(page::MAX_SIZE.into())
    }

    /// Parses a page size. An invalid size is refused later, so it only must not be counted too low here.
    fn number(&self, value: &Value) -> Option<u64> {
        let number = match value {
            Value::Number(number) => number,
            Value::Variable(name) => match self.variables.get(name.as_str())? {
                (Constant::Number(number), _) => number,
                _ => return None,
            },
            _ => return None,
        };
        Some(number.as_u64().unwrap_or(if negative(number) { 0 } else { u64::MAX }))
    }

    /// The number of values in a list argument, if present.
    pub(super) fn length(&self, field: &Field, argument: &str) -> Option<u64> {
        let length = match &field.get_argument(argument)?.node {
            Value::List(items) => items.len(),
            Value::Variable(name) => match self.variables.get(name.as_str()) {
                Some((Constant::List(items), _)) => items.len(),
                None | Some((Constant::Null, _)) => 0,
                Some(_) => 1,
            },
            _ => 1,
        };
        Some(length as u64)
    }
}

fn negative(number: &Number) -> bool {
    number.as_i64().is_some_and(i64::is_negative)
}

fn text_bytes(text: &str) -> u64 {
    VALUE_BYTES.saturating_add(text.len() as u64)
}

fn all(bytes: impl Iterator<Item = u64>) -> u64 {
    bytes.fold(VALUE_BYTES, u64::saturating_add)
}

fn constant_bytes(value: &Constant) -> u64 {
    match value {
        Constant::String(text) => text_bytes(text),
        Constant::Enum(name) => text_bytes(name),
        Constant::List(items) => all(items.iter().map(constant_bytes)),
        Constant::Object(fields) => {
            all(fields.iter().map(|(name, value)| text_bytes(name).saturating_add(constant_bytes(value))))
        }
        Constant::Binary(bytes) => VALUE_BYTES.saturating_add(bytes.len() as u64),
        Constant::Null | Constant::Number(_) | Constant::Boolean(_) => VALUE_BYTES,
    }
}

/// Whether any argument contains a variable, so that the document's weight depends on variables.
pub(super) fn has_variables(document: &ExecutableDocument) -> bool {
    let definitions = |definition: &Positioned<VariableDefinition>| in_directives(&definition.node.directives);
    document.operations.iter().any(|(_, operation)| {
        in_directives(&operation.node.directives)
            || operation.node.variable_definitions.iter().any(definitions)
            || in_set(&operation.node.selection_set.node)
    }) || document
        .fragments
        .values()
        .any(|fragment| in_directives(&fragment.node.directives) || in_set(&fragment.node.selection_set.node))
}

fn in_set(set: &SelectionSet) -> bool {
    set.items.iter().any(|selection| {
        in_directives(selection.node.directives())
            || match &selection.node {
                Selection::Field(field) => in_arguments(&field.node.arguments) || in_set(&field.node.selection_set.node),
                Selection::InlineFragment(fragment) => in_set(&fragment.node.selection_set.node),
                Selection::FragmentSpread(_) => false,
            }
    })
}

fn in_directives(directives: &[Positioned<Directive>]) -> bool {
    directives.iter().any(|directive| in_arguments(&directive.node.arguments))
}

fn in_arguments(arguments: &[(Positioned<Name>, Positioned<Value>)]) -> bool {
    arguments.iter().any(|(_, value)| has_variable(&value.node))
}

/// The nesting of lists and objects in the values of variables. Stops at `enough`.
pub(super) fn nesting(variables: &Variables, enough: u64) -> u64 {
    variables.values().map(|value| value_nesting(value, enough)).max().unwrap_or(0)
}

fn value_nesting(value: &Constant, enough: u64) -> u64 {
    let Some(left) = enough.checked_sub(1) else { return 0 };
    let deepest = |inner: &mut dyn Iterator<Item = &Constant>| inner.map(|value| value_nesting(value, left)).max().unwrap_or(0);
    match value {
        Constant::List(items) => 1 + deepest(&mut items.iter()),
        Constant::Object(fields) => 1 + deepest(&mut fields.values()),
        _ => 0,
    }
}
