//! Filter inputs: their GraphQL input types, and their conversion to predicates of `domain`.
//!
//! An input type is not a Rust struct. It is generated from the fields and relations of its collection ([`Described`]), and its
//! value is kept unparsed until it is needed. An explicit null inside a filter is always refused, so that a forgotten variable
//! never means "all". Errors name the path in the filter; limits apply to the filter as a whole.

mod at;
mod collections;
mod comparator;
mod relation;

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    InputType, InputValueError, InputValueResult, Value,
    registry::{Deprecation, MetaInputValue, MetaType, MetaTypeId, Registry},
};

use self::{
    at::{At, Spent},
    relation::RelationInput,
};
use super::error::Result;
use crate::domain::{
    filter::{
        Collection, Conversations, Customers, Events, FieldList, Filter, Messages, Predicate, RelationList, StaffMembers, Tickets,
    },
    time::Timestamp,
};

pub(crate) type MessageFilter = Input<Messages>;
pub(crate) type ConversationFilter = Input<Conversations>;
pub(crate) type CustomerFilter = Input<Customers>;
pub(crate) type TicketFilter = Input<Tickets>;
pub(crate) type EventFilter = Input<Events>;
pub(crate) type StaffFilter = Input<StaffMembers>;

/// The GraphQL names and descriptions of a collection's filter.
pub(crate) trait Described: Collection {
    /// The name of the input type.
    const NAME: &'static str;
    /// The description of the input type.
    const DESCRIPTION: &'static str;
    /// Whether the input type has `and`, `or` and `not`.
    const NESTS: bool;

    /// The name and the description of a field.
    fn field(field: Self::Field) -> (&'static str, &'static str);

    /// The name, the description and the reader of a relation.
    fn relation(name: <Self::Relation as RelationList>::Name) -> RelationInput<Self>;
}

/// The unparsed value of a filter argument.
#[derive(Clone, Debug)]
pub(crate) struct Input<C> {
    value: Value,
    collection: PhantomData<C>,
}

impl<C: Described> Input<C> {
    /// Parses the argument `filter`.
    pub(crate) fn predicate(&self) -> Result<Predicate<C>> {
        read(&self.value, &At::argument("filter", &Spent::default()))
    }

    /// Parses an optional filter argument.
    pub(crate) fn of(given: Option<Self>, now: Timestamp) -> Result<Filter<C>> {
        let predicate = given.map_or_else(|| Ok(Predicate::default()), |input| input.predicate())?;
        Ok(Filter::new(predicate, now))
    }
}

/// Parses a filter at a path.
fn read<C: Described>(value: &Value, at: &At<'_>) -> Result<Predicate<C>> {
    let at = &at.nested()?;
    let mut parts = Vec::new();
    if C::NESTS {
        for (name, combine) in [("and", Predicate::All as fn(Vec<_>) -> _), ("or", Predicate::Any)] {
            if let Some((filters, at)) = at.given(value, name)? {
                let filters = at::items(filters);
                at.count(filters.len())?;
                parts.push(combine(filters.iter().map(|filter| read(filter, &at)).collect::<Result<_>>()?));
            }
        }
        if let Some((filter, at)) = at.given(value, "not")? {
            parts.push(Predicate::Not(Box::new(read(filter, &at)?)));
        }
    }
    for &field in C::Field::ALL {
        if let Some((tests, at)) = at.given(value, C::field(field).0)? {
            parts.extend(comparator::read(field.kind(), tests, &at)?.into_iter().map(|test| Predicate::Field(field, test)));
        }
    }
    for &name in C::Relation::ALL {
        let relation = C::relation(name);
        if let Some((given, at)) = at.given(value, relation.name)? {
            parts.extend((relation.read)(given, &at)?.into_iter().map(Predicate::Relation));
        }
    }
    Ok(Predicate::All(parts))
}

impl<C: Described> InputType for Input<C> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        C::NAME.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_input_type::<Self, _>(MetaTypeId::InputObject, |registry| {
            let mut fields = Vec::new();
            if C::NESTS {
                let name = C::NAME;
                fields.push(input_field(
                    "and",
                    "All of these filters match. An empty list matches everything.",
                    format!("[{name}!]"),
                ));
                fields.push(input_field(
                    "or",
                    "At least one of these filters matches. An empty list matches nothing.",
                    format!("[{name}!]"),
                ));
                fields.push(input_field(
                    "not",
                    "This filter does not match. It is the exact complement: objects whose value is missing are included.",
                    name.to_owned(),
                ));
            }
            for &field in C::Field::ALL {
                let (name, description) = C::field(field);
                fields.push(input_field(name, description, comparator::register(field.kind(), registry)));
            }
            for &name in C::Relation::ALL {
                let relation = C::relation(name);
                fields.push(input_field(relation.name, relation.description, (relation.register)(registry)));
            }
            input_object::<Self>(C::NAME, C::DESCRIPTION, fields)
        })
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(value @ Value::Object(_)) => Ok(Self { value, collection: PhantomData }),
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        self.value.clone()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// Builds an input object type of the schema.
fn input_object<T>(name: &str, description: &str, fields: Vec<MetaInputValue>) -> MetaType {
    MetaType::InputObject {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        input_fields: fields.into_iter().map(|field| (field.name.clone(), field)).collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: Some(std::any::type_name::<T>()),
        oneof: false,
        directive_invocations: Vec::new(),
    }
}

/// Builds a field of an input object. `ty` is its type in SDL.
fn input_field(name: &str, description: &str, ty: String) -> MetaInputValue {
    MetaInputValue {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        ty,
        deprecation: Deprecation::default(),
        default_value: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::filter::MessageField;

    fn filter(value: serde_json::Value) -> Predicate<Messages> {
        Input { value: Value::from_json(value).unwrap(), collection: PhantomData }.predicate().unwrap().simplified()
    }

    #[test]
    fn subscriptions_to_a_conversation_are_found_by_its_id() {
        let own = filter(json!({ "direction": { "eq": "INBOUND" }, "conversationId": { "eq": "con_c-1" } }));
        assert_eq!(own.pinned(), Some((MessageField::ConversationId, vec!["c-1", "con_c-1"])));
        let some = filter(json!({ "conversationId": { "in": ["c-2", "c-1", "c-2"] } }));
        assert_eq!(some.pinned(), Some((MessageField::ConversationId, vec!["c-1", "c-2"])));
        for open in [json!({ "not": { "conversationId": { "eq": "c-1" } } }), json!({ "conversationId": { "ne": "c-1" } })] {
            assert_eq!(filter(open.clone()).pinned(), None, "{open}");
        }
    }
}
