//! Random filters as clients write them. Most operands are taken from the data, so that they match something.

use deskgraph::domain::time::Timestamp;
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;

use super::{
    data::{self, Dice},
    evaluate,
    vocabulary::{FieldType, ObjectType},
    world::World,
};

/// Draws filters.
pub(super) struct Draw<'a> {
    pub(super) dice: Dice,
    world: &'a World,
    texts: Vec<String>,
    /// Whether only to use fields of the object's own row.
    alone: bool,
}

/// The comparators of a custom field's number.
const FLOAT: [&str; 7] = ["eq", "ne", "gt", "gte", "lt", "lte", "isNull"];

/// Whether a condition depends only on the object's own row.
fn is_own(of: ObjectType, name: &str, field_type: FieldType) -> bool {
    let listed = matches!(field_type, FieldType::CustomFields | FieldType::One(_) | FieldType::Many(_) | FieldType::Subject);
    !listed && (of, name) != (ObjectType::Customer, "status") && (of, name) != (ObjectType::Ticket, "id")
}

impl<'a> Draw<'a> {
    pub(super) fn new(seed: u64, world: &'a World, alone: bool) -> Self {
        Self { dice: Dice::of(seed), world, texts: data::texts(), alone }
    }

    /// A filter nested up to a depth.
    pub(super) fn filter(&mut self, of: ObjectType, depth: usize) -> Value {
        let mut filter = Map::new();
        let fields: Vec<_> = of
            .fields()
            .iter()
            .filter(|(name, field_type)| !self.alone || is_own(of, name, *field_type))
            .filter(|(_, field_type)| depth > 0 || !matches!(field_type, FieldType::One(_) | FieldType::Many(_)))
            .collect();
        for _ in 0..*self.dice.one(&[0, 1, 1, 1, 2]) {
            let (name, field_type) = **self.dice.one(&fields);
            let condition = self.condition(of, name, field_type, depth);
            filter.insert(name.to_owned(), condition);
        }
        if of.nests() && depth > 0 {
            for name in ["and", "or"] {
                if self.dice.percent(22) {
                    let parts: Vec<Value> = (0..self.dice.below(4)).map(|_| self.filter(of, depth - 1)).collect();
                    filter.insert(name.to_owned(), parts.into());
                }
            }
            if self.dice.percent(22) {
                filter.insert("not".to_owned(), self.filter(of, depth - 1));
            }
        }
        filter.into()
    }

    /// One filter for each comparator of each field.
    pub(super) fn each_comparator(&mut self, of: ObjectType) -> Vec<Value> {
        let (mut filters, alone) = (Vec::new(), self.alone);
        for (name, field_type) in of.fields().iter().filter(|(name, field_type)| !alone || is_own(of, name, *field_type)) {
            if field_type.comparators().is_empty() {
                filters.extend((0..6).map(|_| json!({ *name: self.condition(of, name, *field_type, 1) })));
            }
            for how in field_type.comparators() {
                filters.push(json!({ *name: { *how: self.operand(of, name, *field_type, how, 1) } }));
            }
        }
        filters
    }

    /// A filter by other rows.
    pub(super) fn linked(&mut self, of: ObjectType) -> Value {
        let fields: Vec<_> = of.fields().iter().filter(|(name, field_type)| !is_own(of, name, *field_type)).collect();
        let (name, field_type) = **self.dice.one(&fields);
        json!({ name: self.condition(of, name, field_type, 3) })
    }

    /// A condition on a field.
    pub(super) fn condition(&mut self, of: ObjectType, name: &str, field_type: FieldType, depth: usize) -> Value {
        match field_type {
            FieldType::One(related) => self.filter(related, depth.saturating_sub(1)),
            FieldType::CustomFields => (0..self.dice.below(3)).map(|_| self.custom_field()).collect(),
            FieldType::Subject => self.subject().into(),
            _ => {
                let mut condition = Map::new();
                for _ in 0..*self.dice.one(&[1, 1, 1, 1, 1, 1, 2, 2, 0]) {
                    let how = *self.dice.one(field_type.comparators());
                    condition.insert(how.to_owned(), self.operand(of, name, field_type, how, depth));
                }
                condition.into()
            }
        }
    }

    /// An operand for a field.
    pub(super) fn operand(&mut self, of: ObjectType, name: &str, field_type: FieldType, how: &str, depth: usize) -> Value {
        match how {
            "isNull" => self.dice.percent(50).into(),
            "in" | "notIn" => (0..*self.dice.one(&[0, 1, 2, 3, 5])).map(|_| self.value(of, name, field_type)).collect(),
            "some" | "none" | "every" => {
                let FieldType::Many(member) = field_type else { unreachable!("{name}") };
                self.filter(member, depth.saturating_sub(1))
            }
            "contains" | "startsWith" | "endsWith" => {
                let text = self.value(of, name, field_type);
                self.part(how, text.as_str().unwrap()).into()
            }
            _ => self.value(of, name, field_type),
        }
    }

    fn value(&mut self, of: ObjectType, name: &str, field_type: FieldType) -> Value {
        let known = self.world.values(of, name);
        let known = if known.is_empty() || self.dice.percent(12) { None } else { Some((*self.dice.one(&known)).clone()) };
        match field_type {
            FieldType::Text => known.unwrap_or_else(|| self.dice.one(&self.texts).clone().into()),
            FieldType::Id(prefix) => {
                let mut id = known.map_or_else(|| "zalo_nobody".to_owned(), |id| id.as_str().unwrap().to_owned());
                if (of, name) == (ObjectType::Ticket, "id") && self.dice.percent(40) {
                    let ids: Vec<String> = data::ticket_ids().collect();
                    id.clone_from(self.dice.one(&ids));
                }
                if prefix == "msg_" || self.dice.percent(50) { format!("{prefix}{id}").into() } else { id.into() }
            }
            FieldType::Enum(_, words) => (*self.dice.one(words)).into(),
            FieldType::Boolean => self.dice.percent(50).into(),
            FieldType::Integer => self.dice.below(4).into(),
            FieldType::Time => {
                let at =
                    known.map_or(1_758_800_000_000, |at| Timestamp::parse_rfc3339(at.as_str().unwrap()).unwrap().as_millis());
                let at = Timestamp::clamped(at + self.dice.one(&[0, 0, 0, 1, -1]));
                let local = format!("{:.3}+07:00", Timestamp::clamped(at.as_millis() + 7 * 3_600_000).to_utc());
                if self.dice.percent(50) { local.into() } else { at.to_string().into() }
            }
            FieldType::CustomFields | FieldType::One(_) | FieldType::Many(_) | FieldType::Subject => unreachable!("{name}"),
        }
    }

    /// A part of a text, in another spelling.
    fn part(&mut self, how: &str, text: &str) -> String {
        let letters: Vec<char> = text.chars().collect();
        let length = self.dice.below(letters.len() + 1).min(6);
        let start = match how {
            "startsWith" => 0,
            "endsWith" => letters.len() - length,
            _ => self.dice.below(letters.len() - length + 1),
        };
        let part: String = letters[start..start + length].iter().collect();
        match self.dice.below(6) {
            0 => part.to_uppercase(),
            1 => part.to_lowercase(),
            2 => part.nfd().collect(),
            3 => part.nfc().collect(),
            4 => evaluate::fold(&part),
            _ => part,
        }
    }

    fn custom_field(&mut self) -> Value {
        let mut condition =
            Map::from_iter([("key".to_owned(), json!(self.dice.one(&["cf_points", "cf_tag", "cf_Điểm", "cf_none"])))]);
        if self.dice.percent(50) {
            let how = *self.dice.one(FieldType::Text.comparators());
            let texts = [json!("120"), json!(" 7.5 "), json!("nhiều"), self.dice.one(&self.texts).clone().into()];
            let operand = match how {
                "isNull" => self.dice.percent(50).into(),
                "in" | "notIn" => (0..self.dice.below(3)).map(|_| self.dice.one(&texts).clone()).collect(),
                "eq" | "ne" => self.dice.one(&texts).clone(),
                _ => {
                    let text = self.dice.one(&texts).clone();
                    self.part(how, text.as_str().unwrap()).into()
                }
            };
            condition.insert("value".to_owned(), json!({ how: operand }));
        }
        if self.dice.percent(50) {
            let how = *self.dice.one(&FLOAT);
            let number = *self.dice.one(&[120.0, 7.5, -3.25, 1000.0, 0.0, 2.0, 120.000_001]);
            let operand: Value = if how == "isNull" { self.dice.percent(50).into() } else { number.into() };
            condition.insert("number".to_owned(), json!({ how: operand }));
        }
        if self.dice.percent(30) {
            condition.insert("exists".to_owned(), self.dice.percent(50).into());
        }
        condition.into()
    }

    fn subject(&mut self) -> String {
        let ids: Vec<String> =
            self.world.values(ObjectType::Event, "subjects").into_iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        let aliases: Vec<String> = data::ticket_ids().collect();
        let id = if self.dice.percent(25) { self.dice.one(&aliases) } else { self.dice.one(&ids) };
        match id.split_once('_') {
            Some((_, own)) if self.dice.percent(50) => own.to_owned(),
            _ => id.clone(),
        }
    }
}
