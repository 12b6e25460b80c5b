//! Relations in filters: conditions on the rows linked to an object.

use async_graphql::{ID, InputType, Value, registry::Registry};

use super::{
    Described, Input,
    at::{At, items},
    comparator, input_field, input_object, read,
};
use crate::{
    domain::{
        filter::{CustomField, Kind, Members, Predicate, Quantifier, Test},
        id::SubjectIds,
        text,
    },
    graphql::error::{Error, Result},
};

type Read<C> = Box<dyn Fn(&Value, &At<'_>) -> Result<Vec<<C as crate::domain::filter::Collection>::Relation>>>;

/// A relation in the API.
pub(crate) struct RelationInput<C: Described> {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// Parses its conditions, all of which have to hold.
    pub(super) read: Read<C>,
    /// Adds its input type to the schema and returns the type's name.
    pub(super) register: Box<dyn Fn(&mut Registry) -> String>,
}

impl<C: Described> RelationInput<C> {
    /// A relation to one object, which takes that object's filter.
    pub(super) fn one<D: Described>(
        name: &'static str,
        description: &'static str,
        relation: fn(Box<Predicate<D>>) -> C::Relation,
    ) -> Self {
        Self {
            name,
            description,
            read: Box::new(move |value, at| Ok(vec![relation(Box::new(read(value, at)?))])),
            register: Box::new(|registry| named(Input::<D>::create_type_info(registry))),
        }
    }

    /// A relation to many objects: some, none or every one of them must match.
    pub(super) fn many<D: Described>(
        name: &'static str,
        description: &'static str,
        list: (&'static str, &'static str),
        relation: fn(Members<D>) -> C::Relation,
    ) -> Self {
        let read = move |value: &Value, at: &At<'_>| {
            let mut relations = Vec::new();
            for (name, quantifier) in [("some", Quantifier::Some), ("none", Quantifier::None), ("every", Quantifier::Every)] {
                if let Some((filter, at)) = at.given(value, name)? {
                    relations.push(relation(Members { quantifier, predicate: Box::new(read(filter, &at)?) }));
                }
            }
            Ok(relations)
        };
        let register = move |registry: &mut Registry| {
            let member = named(Input::<D>::create_type_info(registry));
            let (name, description) = list;
            let fields = vec![
                input_field("some", "At least one member matches. `{}` requires that there is one.", member.clone()),
                input_field("none", "No member matches. `{}` requires that there is none.", member.clone()),
                input_field("every", "Every member matches. An empty list matches, too.", member),
            ];
            registry.types.entry(name.to_owned()).or_insert_with(|| input_object::<()>(name, description, fields));
            name.to_owned()
        };
        Self { name, description, read: Box::new(read), register: Box::new(register) }
    }

    /// A full-text search.
    pub(super) fn search(name: &'static str, description: &'static str, relation: fn(String) -> C::Relation) -> Self {
        Self {
            name,
            description,
            read: Box::new(move |value, at| Ok(vec![relation(text::without_nul(string(value, at)?))])),
            register: Box::new(|registry| named(String::create_type_info(registry))),
        }
    }

    /// A value that is not in the object's own row, with the comparator of its kind.
    pub(super) fn compared(
        name: &'static str,
        description: &'static str,
        kind: Kind,
        relation: fn(Vec<Test>) -> C::Relation,
    ) -> Self {
        Self {
            name,
            description,
            read: Box::new(move |value, at| Ok(vec![relation(comparator::read(kind, value, at)?)])),
            register: Box::new(move |registry| comparator::register(kind, registry)),
        }
    }

    /// The object that an event is about.
    pub(super) fn subject(name: &'static str, description: &'static str, relation: fn(SubjectIds) -> C::Relation) -> Self {
        let read = move |value: &Value, at: &At<'_>| {
            let ID(id) = ID::parse(Some(value.clone())).map_err(|_| at.wrong("expected an ID".to_owned()))?;
            Ok(vec![relation(SubjectIds::of(id))])
        };
        Self { name, description, read: Box::new(read), register: Box::new(|registry| named(ID::create_type_info(registry))) }
    }

    /// Custom fields, each with its own conditions.
    pub(super) fn custom_fields(name: &'static str, description: &'static str, relation: fn(CustomField) -> C::Relation) -> Self {
        let read = move |value: &Value, at: &At<'_>| {
            let fields = items(value);
            at.count(fields.len())?;
            fields.iter().map(|field| Ok(relation(custom_field(field, at)?))).collect()
        };
        Self { name, description, read: Box::new(read), register: Box::new(register_custom_field) }
    }
}

/// The name of a type without the `!` of a required one.
fn named(mut qualified: String) -> String {
    qualified.truncate(qualified.trim_end_matches('!').len());
    qualified
}

fn string<'v>(value: &'v Value, at: &At<'_>) -> Result<&'v str> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(at.wrong("expected a String".to_owned())),
    }
}

fn register_custom_field(registry: &mut Registry) -> String {
    const NAME: &str = "CustomFieldFilter";
    let boolean = named(bool::create_type_info(registry));
    let fields = vec![
        input_field(
            "key",
            "The key of the field as the CRM sends it, with its `cf_`: `cf_points`.",
            String::create_type_info(registry),
        ),
        input_field("value", "Compares the value where it is text.", comparator::register(Kind::Text, registry)),
        input_field(
            "number",
            "Compares the value where it is a number, or text that reads as one.",
            comparator::register(Kind::Float, registry),
        ),
        input_field("exists", "`true`: the customer has the field. `false`: it does not.", boolean),
    ];
    let description =
        "Conditions on one custom field, combined by AND. The value of a field that a customer does not have is missing.";
    registry.types.entry(NAME.to_owned()).or_insert_with(|| input_object::<()>(NAME, description, fields));
    format!("[{NAME}!]")
}

fn custom_field(field: &Value, at: &At<'_>) -> Result<CustomField> {
    let compare = |name, kind| -> Result<Vec<Test>> {
        at.given(field, name)?.map_or_else(|| Ok(Vec::new()), |(tests, at)| comparator::read(kind, tests, &at))
    };
    let Value::Object(fields) = field else { return Err(at.wrong("expected an object".to_owned())) };
    let key: &str = fields.get("key").map_or_else(|| Err(missing_key(at)), |key| string(key, at))?;
    let exists = at.given(field, "exists")?.map(|(exists, at)| match exists {
        Value::Boolean(exists) => Ok(*exists),
        _ => Err(at.wrong("expected a Boolean".to_owned())),
    });
    Ok(CustomField {
        key: text::without_nul(key),
        text: compare("value", Kind::Text)?,
        number: compare("number", Kind::Float)?,
        exists: exists.transpose()?,
    })
}

fn missing_key(at: &At<'_>) -> Error {
    at.wrong("a custom field needs its `key`".to_owned())
}
