//! Values for every argument and input of the schema, taken from the hidden objects.
//!
//! [`INPUTS`], [`IDS`] and `Requests` (for arguments) classify the members of the schema. An unclassified member fails the test by
//! name: add it here with values that could reveal a hidden object.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use async_graphql::{Name, Value as Constant};
use deskgraph::domain::time::Timestamp;
use serde_json::Value;

use super::{
    sdl::{Sdl, base},
    story::Delivery,
};

/// The kind of an input type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    Id,
    Text,
    Int,
    Float,
    Flag,
    Moment,
    /// An enum: each of its values is tried.
    Words,
    /// Comparators with one value each.
    Comparator,
    /// Conditions on an object.
    Filter,
    /// Conditions on related objects: some, none, every.
    Quantifier,
    /// A condition on a custom field.
    CustomField,
    /// A field and a direction.
    Order,
    /// Only used for the raw log, which is refused as a whole.
    Log,
}

/// Every input type and every type of an input.
#[rustfmt::skip]
const INPUTS: &[(Input, &[&str])] = &[
    (Input::Id, &["ID"]),
    (Input::Text, &["String"]),
    (Input::Int, &["Int"]),
    (Input::Float, &["Float"]),
    (Input::Flag, &["Boolean"]),
    (Input::Moment, &["DateTime"]),
    (Input::Words, &["Platform", "ChatMode", "Direction", "MessageType", "TicketLevel", "TicketStatus", "SearchType", "Interval",
        "OrderDirection", "CustomerOrderField", "ConversationOrderField", "MessageOrderField", "TicketOrderField",
        "MessageDimension", "ConversationDimension", "TicketDimension", "CustomerDimension"]),
    (Input::Comparator, &["StringFilter", "IdFilter", "IntFilter", "FloatFilter", "BooleanFilter", "DateTimeFilter", "PlatformFilter",
        "ChatModeFilter", "DirectionFilter", "MessageTypeFilter", "TicketLevelFilter", "TicketStatusFilter"]),
    (Input::Filter, &["CustomerFilter", "ConversationFilter", "MessageFilter", "TicketFilter", "StaffFilter"]),
    (Input::Quantifier, &["ConversationListFilter", "MessageListFilter", "TicketListFilter", "StaffListFilter"]),
    (Input::CustomField, &["CustomFieldFilter"]),
    (Input::Order, &["CustomerOrder", "ConversationOrder", "MessageOrder", "TicketOrder"]),
    (Input::Log, &["EventFilter", "EventKindFilter", "EventKind"]),
];

/// Filter fields that compare ids, with the type of the ids; `id` has the filtered type.
const IDS: [(&str, &str); 5] = [
    ("customerId", "Customer"),
    ("conversationId", "Conversation"),
    ("managerId", "Staff"),
    ("createdById", "Staff"),
    ("assigneeId", "Staff"),
];

/// How many of its possible values a condition is tried with individually, besides all of them together.
const ALONE: usize = 1;

/// The kind of an input type.
pub(super) fn input(ty: &str) -> Input {
    let found = INPUTS.iter().find(|(_, types)| types.contains(&ty));
    found.unwrap_or_else(|| panic!("unclassified: the input type {ty}")).0
}

/// Whether a type is an input type that compares values.
pub(super) fn is_comparator(ty: &str) -> bool {
    INPUTS.iter().any(|(input, types)| matches!(input, Input::Comparator | Input::CustomField) && types.contains(&ty))
}

/// An object with one field.
pub(super) fn object(name: &str, value: Constant) -> Constant {
    Constant::Object([(Name::new(name), value)].into_iter().collect())
}

pub(super) struct Values<'s> {
    pub(super) sdl: &'s Sdl,
    texts: Vec<String>,
    /// Those of the first hidden delivery of each kind, which are tried individually.
    first_texts: Vec<String>,
    /// Search texts that match the texts.
    pub(super) words: Vec<String>,
    numbers: Vec<i64>,
    moments: Vec<String>,
    /// Ids of the hidden objects of each type, in every form.
    pub(super) ids: BTreeMap<String, Vec<String>>,
    /// A counter that rotates through the values.
    turn: Cell<usize>,
}

impl<'s> Values<'s> {
    /// The values that occur only in the hidden deliveries, and the ids of the hidden objects by type.
    pub(super) fn of(sdl: &'s Sdl, hidden: &[&Delivery], others: &[&Delivery], ids: BTreeMap<String, Vec<String>>) -> Self {
        let (mut strings, mut numbers, mut common) = (Vec::new(), Vec::new(), (Vec::new(), Vec::new()));
        for delivery in hidden {
            leaves(&delivery.payload, &mut strings, &mut numbers);
        }
        for delivery in others {
            leaves(&delivery.payload, &mut common.0, &mut common.1);
        }
        let mut seen = BTreeSet::new();
        strings.retain(|text| seen.insert(text.clone()));
        let mut words: Vec<String> =
            strings.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric())).map(str::to_owned).collect();
        let mut seen = BTreeSet::new();
        words.retain(|word| !word.is_empty() && seen.insert(word.clone()));
        strings.retain(|text| !common.0.contains(text));
        let mut moments = BTreeSet::new();
        for text in &strings {
            moments.extend(Timestamp::parse_rfc3339(text));
        }
        let times = numbers.iter().filter(|number| **number > 1_000_000_000);
        moments.extend(times.map(|time| Timestamp::clamped(if *time < 100_000_000_000 { time * 1000 } else { *time })));
        strings.retain(|text| Timestamp::parse_rfc3339(text).is_none());
        let (mut kinds, mut first_texts) = (BTreeSet::new(), Vec::new());
        let firsts = hidden.iter().filter(|delivery| kinds.insert(delivery.kind));
        firsts.for_each(|delivery| leaves(&delivery.payload, &mut first_texts, &mut Vec::new()));
        first_texts.retain(|text| strings.contains(text));
        let small: BTreeSet<i64> = numbers.iter().copied().filter(|number| *number < 1_000_000).chain(0..4).collect();
        Self {
            sdl,
            texts: strings,
            first_texts,
            words,
            numbers: small.into_iter().collect(),
            moments: moments.into_iter().map(|moment| moment.to_string()).collect(),
            ids,
            turn: Cell::new(0),
        }
    }

    /// The next values in rotation.
    pub(super) fn some<T: Clone>(&self, of: &[T], count: usize) -> Vec<T> {
        let turn = self.turn.get();
        self.turn.set(turn + count.min(of.len()));
        (0..count.min(of.len())).map(|at| of[(turn + at) % of.len()].clone()).collect()
    }

    /// Filters of a type: each condition alone, some in groups, and those of related objects to a depth of links. Unless `all`,
    /// a field is only tried with the next single condition in rotation, and of some, none and every only one.
    pub(super) fn conditions(&self, filter: &str, links: usize, all: bool) -> Vec<Constant> {
        let (mut found, mut groups) = (Vec::new(), Vec::new());
        let fields = self.sdl.inputs(filter);
        let is_grouped = fields.iter().any(|field| field.name.node == "or");
        let either = |parts: Vec<Constant>| object("or", Constant::List(parts));
        let mut put = |name: &str, tries: Vec<Vec<Constant>>| {
            for values in tries {
                if values.len() > 1 && is_grouped {
                    found.push(either(values.iter().map(|value| object(name, value.clone())).collect()));
                }
                if values.len() <= 1 || all || !is_grouped {
                    found.extend(self.some(&values, ALONE).into_iter().map(|value| object(name, value)));
                }
            }
        };
        for field in fields {
            let (name, ty) = (field.name.node.as_str(), base(&field.ty.node));
            match input(ty) {
                Input::Comparator => {
                    let comparisons = self.comparisons(filter, name, ty);
                    put(name, if all { comparisons } else { self.one(comparisons) });
                }
                Input::Text => {
                    let words: Vec<Constant> = self.words.iter().map(|word| Constant::from(word.as_str())).collect();
                    put(name, if all { vec![words] } else { singly(self.some(&words, 1)) });
                }
                Input::CustomField => {
                    let tries = self.custom_fields(ty);
                    put(name, if all { tries } else { self.one(tries) });
                }
                Input::Filter if ["and", "or", "not"].contains(&name) => groups.push(name),
                Input::Filter if links > 0 => put(name, singly(self.conditions(ty, links - 1, false))),
                Input::Quantifier if links > 0 => {
                    let quantifiers = self.sdl.inputs(ty);
                    for quantifier in if all { quantifiers } else { self.some(&quantifiers, 1) } {
                        let related = self.conditions(base(&quantifier.ty.node), links - 1, false);
                        let quantified = related.into_iter().map(|filter| object(&quantifier.name.node, filter));
                        put(name, singly(quantified.collect()));
                    }
                }
                Input::Filter | Input::Quantifier => {}
                other => panic!("unclassified: {filter}.{name}: {other:?}"),
            }
        }
        for group in groups {
            for _ in 0..if all { 6 } else { 1 } {
                let parts = self.some(&found, 2);
                found.push(if group == "not" { object(group, parts[0].clone()) } else { object(group, Constant::List(parts)) });
            }
        }
        found
    }

    /// The next single condition in rotation.
    fn one(&self, mut tries: Vec<Vec<Constant>>) -> Vec<Vec<Constant>> {
        if tries.iter().any(|values| values.len() == 1) {
            tries.retain(|values| values.len() == 1);
        }
        self.some(&tries, 1).into_iter().map(|values| self.some(&values, 1)).collect()
    }

    /// For each comparator of a field, values that can be tried together.
    fn comparisons(&self, filter: &str, field: &str, comparator: &str) -> Vec<Vec<Constant>> {
        let mut tries = Vec::new();
        for comparison in self.sdl.inputs(comparator) {
            let (name, ty) = (comparison.name.node.as_str(), base(&comparison.ty.node));
            let values = if input(ty) == Input::Id { self.ids_for(filter, field) } else { self.values(ty, name) };
            match name {
                "in" | "notIn" => tries.push(vec![object(name, Constant::List(values))]),
                "eq" | "contains" | "startsWith" | "endsWith" => {
                    tries.push(values.into_iter().map(|value| object(name, value)).collect());
                }
                // All together would reveal nothing.
                _ => tries.extend(singly(self.some(&values, 2).into_iter().map(|value| object(name, value)).collect())),
            }
        }
        tries
    }

    fn ids_for(&self, filter: &str, field: &str) -> Vec<Constant> {
        let of = match IDS.iter().find(|(name, _)| *name == field) {
            Some((_, of)) => of,
            None if field == "id" => filter.strip_suffix("Filter").unwrap(),
            None => panic!("unclassified: the ids of {filter}.{field}"),
        };
        self.ids[of].iter().map(|id| Constant::from(id.as_str())).collect()
    }

    /// Values of a type that is not an input object, for a member of this name.
    fn values(&self, ty: &str, place: &str) -> Vec<Constant> {
        let piece = |text: &String| {
            let letters: Vec<char> = text.chars().collect();
            let (from, to) = match place {
                "contains" | "endsWith" => (letters.len() / 3, letters.len()),
                "startsWith" => (0, letters.len() * 2 / 3),
                _ => (0, letters.len()),
            };
            Constant::from(letters[from..to].iter().collect::<String>())
        };
        match input(ty) {
            Input::Text if place == "in" || place == "notIn" => self.texts.iter().map(piece).collect(),
            Input::Text => self.first_texts.iter().map(piece).collect(),
            Input::Int | Input::Float => self.numbers.iter().map(|number| Constant::from(*number)).collect(),
            Input::Flag => vec![true.into(), false.into()],
            Input::Moment => self.moments.iter().map(|moment| Constant::from(moment.as_str())).collect(),
            Input::Words => self.sdl.words(ty).unwrap(),
            other => panic!("unclassified: {ty} in a comparator: {other:?}"),
        }
    }

    fn custom_fields(&self, ty: &str) -> Vec<Vec<Constant>> {
        let mut tries = Vec::new();
        for key in ["cf_points", "cf_tag"] {
            for field in self.sdl.inputs(ty).into_iter().filter(|field| field.name.node != "key") {
                let (name, ty) = (field.name.node.as_str(), base(&field.ty.node));
                let values = match input(ty) {
                    Input::Comparator => self.comparisons("CustomFieldFilter", name, ty),
                    _ => singly(self.values(ty, name)),
                };
                let of_key = |value| {
                    let fields = [(Name::new("key"), key.into()), (Name::new(name), value)];
                    Constant::List(vec![Constant::Object(fields.into_iter().collect())])
                };
                tries.extend(values.into_iter().map(|values| values.into_iter().map(of_key).collect()));
            }
        }
        tries
    }
}

/// Each value alone.
fn singly(values: Vec<Constant>) -> Vec<Vec<Constant>> {
    values.into_iter().map(|value| vec![value]).collect()
}

/// The texts and whole numbers within a value.
fn leaves(value: &Value, texts: &mut Vec<String>, numbers: &mut Vec<i64>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Number(number) => numbers.extend(number.as_i64()),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, texts, numbers)),
        Value::Object(fields) => fields.values().for_each(|value| leaves(value, texts, numbers)),
        Value::Bool(_) | Value::Null => {}
    }
}
