//! Checks the values of variables against the types of the arguments that use them.
//!
//! This repeats async-graphql 7.2's rule "arguments of correct type", the only one that depends on the values of variables. It
//! may reject what async-graphql accepts, but must never accept what async-graphql rejects. A rejected request is validated by
//! async-graphql itself, which also writes the error messages. Values whose type is not a known input type are rejected.

use async_graphql::{
    Positioned, Variables,
    parser::types::{Directive, ExecutableDocument, Selection},
    registry::MetaType,
};
use async_graphql_value::Value;

use super::types::TYPES;

/// The arguments of a document that contain variables.
pub(super) struct Arguments {
    known: Vec<Argument>,
    /// Whether the types of all arguments are known.
    is_complete: bool,
}

/// An argument that contains variables.
struct Argument {
    ty: String,
    value: Value,
}

impl Arguments {
    /// Collects those of all operations and fragments, since async-graphql also checks operations that don't run.
    pub(super) fn of(document: &ExecutableDocument) -> Self {
        let mut found = Self { known: Vec::new(), is_complete: true };
        for (_, operation) in document.operations.iter() {
            found.directives(&operation.node.directives);
            for definition in &operation.node.variable_definitions {
                found.directives(&definition.node.directives);
            }
        }
        for fragment in document.fragments.values() {
            found.directives(&fragment.node.directives);
        }
        TYPES.visit(document, &mut |selection, on| found.selection(selection, on));
        found
    }

    /// Whether every argument has a value of its type, as async-graphql would judge.
    pub(super) fn accept(&self, variables: &Variables) -> bool {
        self.is_complete && self.known.iter().all(|argument| argument.accepts(variables))
    }

    fn selection(&mut self, selection: &Selection, on: Option<&MetaType>) {
        self.directives(selection.directives());
        let Selection::Field(field) = selection else { return };
        let meta = on.and_then(|ty| ty.field_by_name(&field.node.name.node));
        for (name, value) in &field.node.arguments {
            let ty = meta.and_then(|field| field.args.get(name.node.as_str())).map(|argument| argument.ty.as_str());
            self.add(ty, &value.node);
        }
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        for directive in directives {
            for (name, value) in &directive.node.arguments {
                let is_condition = matches!((&*directive.node.name.node, name.node.as_str()), ("skip" | "include", "if"));
                self.add(is_condition.then_some("Boolean!"), &value.node);
            }
        }
    }

    fn add(&mut self, ty: Option<&str>, value: &Value) {
        if !has_variable(value) {
            return;
        }
        match ty {
            Some(ty) => self.known.push(Argument { ty: ty.to_owned(), value: value.clone() }),
            None => self.is_complete = false,
        }
    }
}

impl Argument {
    /// Skips an argument if one of its variables has no value; a default is validated separately.
    fn accepts(&self, variables: &Variables) -> bool {
        if let Value::Variable(name) = &self.value {
            return variables.get(name).is_none_or(|value| TYPES.accept(&self.ty, value));
        }
        let value = self.value.clone().into_const_with(|name| variables.get(&name).cloned().ok_or(()));
        value.map_or(true, |value| TYPES.accept(&self.ty, &value))
    }
}

/// Whether a value of an argument contains a variable.
pub(in crate::graphql) fn has_variable(value: &Value) -> bool {
    match value {
        Value::Variable(_) => true,
        Value::List(items) => items.iter().any(has_variable),
        Value::Object(fields) => fields.values().any(has_variable),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{Value, parser::parse_query, value};

    use super::*;

    fn accepts(text: &str, variables: Value) -> bool {
        Arguments::of(&parse_query(text).unwrap()).accept(&Variables::from_value(variables))
    }

    #[test]
    fn valid_values_are_accepted_and_invalid_ones_are_not() {
        let text = "query ($n: Int, $f: MessageFilter, $t: String, $s: Boolean!) {
            messages(first: $n, filter: $f) { nodes { ...M @skip(if: $s) } } customers(filter: { name: { contains: $t } }) { totalCount } }
            fragment M on Message { customer { messages(last: $n) { totalCount } } }";
        let filter = value!({ "platform": { "in": ["ZALO"] }, "not": { "text": { "eq": null } }, "sentAt": { "gte": "?" } });
        assert!(accepts(text, value!({ "n": 5, "f": filter, "t": "x", "s": true })));
        assert!(accepts(text, value!({ "n": null, "f": null })), "the executor finds missing values");
        for wrong in [
            value!({ "n": "5" }),
            value!({ "f": { "nope": 1 } }),
            value!({ "f": { "platform": { "in": ["ZALO", "NOPE"] } } }),
            value!({ "f": { "platform": { "in": [null] } } }),
            value!({ "t": 1 }),
            value!({ "s": null }),
        ] {
            assert!(!accepts(text, wrong.clone()), "{wrong}");
        }
    }

    #[test]
    fn values_of_unknown_type_are_left_to_async_graphql() {
        assert!(!accepts("query ($n: String!) { __type(name: $n) { name } }", value!({ "n": "Query" })));
        assert!(!accepts("query ($n: Int) { head(nothing: $n) }", value!({})));
        assert!(accepts("{ head(nothing: 1) }", value!({})), "a literal does not depend on variables");
    }
}
