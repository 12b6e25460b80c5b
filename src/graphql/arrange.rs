//! Answers in the order in which they were asked for, as the specification has it (section 7.2.2, "Serialized Map Ordering").
//!
//! async-graphql puts a field into its object when it is done, so a field that takes longer stands behind one that was asked
//! for later, and where is a matter of chance. An [`Arrangement`] is made of a document before it is executed and puts the
//! keys of each object in their places. Type conditions don't matter for it: a key that an object does not have is passed over.

use std::collections::HashMap;

use async_graphql::{
    Name, PathSegment, Positioned, Request, ServerError, Value,
    parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
};

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// The keys of an object in their order, each with those of its value.
#[derive(Debug, Default)]
pub(super) struct Arrangement(Vec<(Name, Arrangement)>);

impl Arrangement {
    /// What a request asks for; nothing where that is not clear.
    pub(super) fn of(request: &mut Request) -> Self {
        let name = request.operation_name.clone();
        request.parsed_query().map(|document| Self::of_operation(document, name.as_deref())).unwrap_or_default()
    }

    fn of_operation(document: &ExecutableDocument, name: Option<&str>) -> Self {
        let mut arrangement = Self::default();
        let is_meant = |other: Option<&Name>| name.is_none() || other.map(Name::as_str) == name;
        let operation = document.operations.iter().find(|(other, _)| is_meant(*other));
        if let Some((_, operation)) = operation {
            arrangement.add(&operation.node.selection_set.node, &document.fragments);
        }
        arrangement
    }

    /// The limits bound how many selections there are with every fragment spread, and how deep, and refuse a fragment in itself.
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

    /// What is below a key.
    fn at(&mut self, key: &Name) -> &mut Self {
        let place = self.0.iter().position(|(other, _)| other == key).unwrap_or_else(|| {
            self.0.push((key.clone(), Self::default()));
            self.0.len() - 1
        });
        &mut self.0[place].1
    }

    /// Puts the keys of a value in their places. What was not selected into is left as it is.
    pub(super) fn arrange(&self, value: &mut Value) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.arrange(item)),
            Value::Object(object) => {
                let mut place = 0;
                for (key, inner) in &self.0 {
                    let Some(index) = object.get_index_of(key) else { continue };
                    object.swap_indices(index, place);
                    if !inner.0.is_empty() {
                        inner.arrange(&mut object[place]);
                    }
                    place += 1;
                }
            }
            _ => {}
        }
    }
}

/// Gives a field that failed the null that the specification wants in its place (section 6.4.4), where async-graphql leaves it
/// out: where the path of its error leaves what is there.
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
    use async_graphql::value;

    use super::*;

    fn arranged(query: &str, mut value: Value) -> String {
        Arrangement::of(&mut Request::new(query)).arrange(&mut value);
        serde_json::to_string(&value).unwrap()
    }

    #[test]
    fn keys_stand_as_they_were_asked_for() {
        let value = value!({ "c": [{ "y": 1, "x": 2 }, null, { "x": 3 }], "b": { "z": 0, "a": { "q": 1, "p": 2 } }, "a": 1 });
        let query = "{ a b { a z } ...F } fragment F on T { c { ... on X { x } y z } a }";
        let expected = r#"{"a":1,"b":{"a":{"q":1,"p":2},"z":0},"c":[{"x":2,"y":1},null,{"x":3}]}"#;
        assert_eq!(arranged(query, value), expected, "and a scalar that is an object keeps its own order");
    }

    #[test]
    fn what_failed_is_null_and_not_absent() {
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
    fn an_alias_is_the_key_and_a_key_counts_where_it_stands_first() {
        let value = value!({ "second": { "b": 1, "a": 2 }, "first": 0 });
        assert_eq!(arranged("{ first: x second: y { a } second: y { b } }", value), r#"{"first":0,"second":{"a":2,"b":1}}"#);
    }

    #[test]
    fn the_operation_that_is_meant_counts() {
        let mut request = Request::new("query A { a b } query B { b a }").operation_name("B");
        let mut value = value!({ "a": 1, "b": 2 });
        Arrangement::of(&mut request).arrange(&mut value);
        assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"b":2,"a":1}"#);
    }
}
