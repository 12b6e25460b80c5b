//! The members of the schema that a document names: fields of objects and, in arguments, fields of input types and enum values.
//!
//! A role that must not use some of them is refused before execution (see `role`).

use std::collections::HashSet;

use async_graphql::{
    Value as Constant, Variables,
    parser::types::{ExecutableDocument, Selection},
    registry::{MetaType, MetaTypeName},
};
use async_graphql_value::Value;

use super::{arguments::has_variable, types::TYPES};

/// A member of the schema: a type, and its field or value.
pub(in crate::graphql) type Member = (String, String);

/// The members that a document names, including those named by the values of variables.
#[derive(Debug, Default)]
pub(in crate::graphql) struct Named {
    members: HashSet<Member>,
    /// The arguments that contain variables, each with its type.
    open: Vec<(String, Value)>,
}

impl Named {
    /// Collects the members named in all operations and fragments.
    pub(super) fn of(document: &ExecutableDocument) -> Self {
        let mut named = Self::default();
        for (_, operation) in document.operations.iter() {
            for definition in &operation.node.variable_definitions {
                if let Some(default) = definition.node.default_value() {
                    record(&definition.node.var_type.node.to_string(), default, &mut named.members);
                }
            }
        }
        TYPES.visit(document, &mut |selection, on| named.selection(selection, on));
        named
    }

    fn selection(&mut self, selection: &Selection, on: Option<&MetaType>) {
        let (Selection::Field(field), Some(on)) = (selection, on) else { return };
        let name = field.node.name.node.as_str();
        self.members.insert((on.name().to_owned(), name.to_owned()));
        let Some(meta) = on.field_by_name(name) else { return };
        for (name, value) in &field.node.arguments {
            if let Some(argument) = meta.args.get(name.node.as_str()) {
                self.argument(&argument.ty, &value.node);
            }
        }
    }

    fn argument(&mut self, ty: &str, value: &Value) {
        if has_variable(value) {
            self.open.push((ty.to_owned(), value.clone()));
        } else if let Some(value) = value.clone().into_const() {
            record(ty, &value, &mut self.members);
        }
    }

    /// The first of the given members that is named, with the values of these variables.
    pub(in crate::graphql) fn first_of<'m, V>(
        &self,
        members: &'m [(Member, V)],
        variables: &Variables,
    ) -> Option<&'m (Member, V)> {
        let found = members.iter().find(|(member, _)| self.members.contains(member));
        if found.is_some() || self.open.is_empty() {
            return found;
        }
        let mut given = HashSet::new();
        for (ty, value) in &self.open {
            let value = value.clone().into_const_with(|name| Ok::<_, ()>(variables.get(&name).cloned().unwrap_or_default()));
            if let Ok(value) = value {
                record(ty, &value, &mut given);
            }
        }
        members.iter().find(|(member, _)| given.contains(member))
    }
}

/// Records the members that a value of a type names.
fn record(ty: &str, value: &Constant, members: &mut HashSet<Member>) {
    match value {
        Constant::Null => return,
        Constant::List(items) => return items.iter().for_each(|item| record(ty, item, members)),
        _ => {}
    }
    let name = MetaTypeName::concrete_typename(ty);
    match (TYPES.named(name), value) {
        (Some(MetaType::Enum { .. }), Constant::Enum(word)) => {
            members.insert((name.to_owned(), word.to_string()));
        }
        (Some(MetaType::Enum { .. }), Constant::String(word)) => {
            members.insert((name.to_owned(), word.clone()));
        }
        (Some(MetaType::InputObject { input_fields, .. }), Constant::Object(fields)) => {
            for (field, value) in fields {
                members.insert((name.to_owned(), field.to_string()));
                if let Some(meta) = input_fields.get(field.as_str()) {
                    record(&meta.ty, value, members);
                }
            }
        }
        _ => {}
    }
}
