//! Puts the keys of a response into the order of the selection, as the specification requires (section 7.2.2, "Serialized Map
//! Ordering").
//!
//! async-graphql inserts a field into its object when the field's resolver completes. So a slow field comes after fields that
//! were selected after it, and the order varies between runs. A [`ResponseOrder`] is read from the document before execution
//! and sorts the keys of every object afterwards. It ignores type conditions: keys that an object does not have are skipped.

use std::collections::HashMap;

use async_graphql::{
    Name, PathSegment, Positioned, ServerError, Value,
    parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
};

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// The keys of an object in the order of the selection, each with the order of its value's keys.
#[derive(Debug, Default)]
pub(super) struct ResponseOrder(Vec<(Name, ResponseOrder)>);

impl ResponseOrder {
    /// Reads the order from a document. Empty when it has no operation of that name.
    pub(super) fn of(document: &ExecutableDocument, name: Option<&str>) -> Self {
        let mut order = Self::default();
        let is_selected = |other: Option<&Name>| name.is_none() || other.map(Name::as_str) == name;
        let operation = document.operations.iter().find(|(other, _)| is_selected(*other));
        if let Some((_, operation)) = operation {
            order.add(&operation.node.selection_set.node, &document.fragments);
        }
        order
    }

    /// Adds the keys of a selection set. This terminates: the request limits, checked earlier, bound the number and depth of
    /// selections with all fragments expanded, and reject fragments that contain themselves.
    fn add(&mut self, set: &SelectionSet, fragments: &Fragments) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    self.at(&field.node.response_key().node).add(&field.node.selection_set.node, fragments);
                }
                Selection::InlineFragment(fragment) => self.add(&fragment.node.selection_set.node, fragments),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                        self.add(&fragment.node.selection_set.node, fragments);
                    }
                }
            }
        }
    }

    /// The order below `key`, which is appended if it is new.
    fn at(&mut self, key: &Name) -> &mut Self {
        let place = self.0.iter().position(|(other, _)| other == key).unwrap_or_else(|| {
            self.0.push((key.clone(), Self::default()));
            self.0.len() - 1
        });
        &mut self.0[place].1
    }

    /// Sorts the keys of a value. A value without a selection of its own (a JSON scalar) keeps its order.
    pub(super) fn apply(&self, value: &mut Value) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.apply(item)),
            Value::Object(object) => {
                let mut place = 0;
                for (key, inner) in &self.0 {
                    let Some(index) = object.get_index_of(key) else { continue };
                    object.swap_indices(index, place);
                    if !inner.0.is_empty() {
                        inner.apply(&mut object[place]);
                    }
                    place += 1;
                }
            }
            _ => {}
        }
    }
}

/// Adds the null that the specification requires for a failed field (section 6.4.4). async-graphql leaves the key out; the
/// path of the field's error tells where it belongs.
pub(super) fn with_nulls(data: &mut Value, errors: &[ServerError]) {
    for error in errors {
        let mut value = &mut *data;
        for segment in &error.path {
            value = match (segment, value) {
                (PathSegment::Field(name), Value::Object(object)) => object.entry(Name::new(name)).or_insert(Value::Null),
                (PathSegment::Index(index), Value::List(items)) => match items.get_mut(*index) {
                    Some(item) => item,
                    None => break,
                },
                _ => break,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{parser::parse_query, value};

    use super::*;

    fn ordered(query: &str, mut value: Value) -> String {
        ResponseOrder::of(&parse_query(query).unwrap(), None).apply(&mut value);
        serde_json::to_string(&value).unwrap()
    }

    #[test]
    fn keys_follow_the_selection() {
        let value = value!({ "c": [{ "y": 1, "x": 2 }, null, { "x": 3 }], "b": { "z": 0, "a": { "q": 1, "p": 2 } }, "a": 1 });
        let query = "{ a b { a z } ...F } fragment F on T { c { ... on X { x } y z } a }";
        let expected = r#"{"a":1,"b":{"a":{"q":1,"p":2},"z":0},"c":[{"x":2,"y":1},null,{"x":3}]}"#;
        assert_eq!(ordered(query, value), expected, "and a scalar that is an object keeps its own order");
    }

    #[test]
    fn a_failed_field_is_null_and_not_absent() {
        let failed = |path: &[&str]| {
            let segment = |part: &&str| part.parse().map_or_else(|_| PathSegment::Field((*part).into()), PathSegment::Index);
            ServerError { path: path.iter().map(segment).collect(), ..ServerError::new("no", None) }
        };
        let mut data = value!({ "a": [{ "b": 1 }, null], "n": null });
        let paths: [&[&str]; 5] = [&["a", "0", "c"], &["a", "1", "x"], &["a", "7", "x"], &["gone", "below"], &["n", "below"]];
        with_nulls(&mut data, &paths.map(failed));
        assert_eq!(data, value!({ "a": [{ "b": 1, "c": null }, null], "n": null, "gone": null }));
        let mut nothing = Value::Null;
        with_nulls(&mut nothing, &[failed(&[]), failed(&["a"])]);
        assert_eq!(nothing, Value::Null);
    }

    #[test]
    fn an_alias_is_the_key_and_a_repeated_key_keeps_its_first_position() {
        let value = value!({ "second": { "b": 1, "a": 2 }, "first": 0 });
        assert_eq!(ordered("{ first: x second: y { a } second: y { b } }", value), r#"{"first":0,"second":{"a":2,"b":1}}"#);
    }

    #[test]
    fn the_order_is_that_of_the_selected_operation() {
        let document = parse_query("query A { a b } query B { b a }").unwrap();
        let mut value = value!({ "a": 1, "b": 2 });
        ResponseOrder::of(&document, Some("B")).apply(&mut value);
        assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"b":2,"a":1}"#);
    }
}
