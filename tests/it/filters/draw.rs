//! Random filters as clients write them. Most operands are taken from the data, so that they match something.

use deskgraph::domain::time::Timestamp;
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;

use super::{
    data::{self, Dice},
    evaluate,
    vocabulary::{Of, Takes},
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
fn is_own(of: Of, name: &str, takes: Takes) -> bool {
    let listed = matches!(takes, Takes::CustomFields | Takes::One(_) | Takes::Many(_) | Takes::Subject);
    !listed && (of, name) != (Of::Customer, "status") && (of, name) != (Of::Ticket, "id")
}

impl<'a> Draw<'a> {
    pub(super) fn new(seed: u64, world: &'a World, alone: bool) -> Self {
        Self { dice: Dice::of(seed), world, texts: data::texts(), alone }
    }

    /// A filter nested up to a depth.
    pub(super) fn filter(&mut self, of: Of, depth: usize) -> Value {
        let mut filter = Map::new();
        let fields: Vec<_> = of
            .fields()
            .iter()
            .filter(|(name, takes)| !self.alone || is_own(of, name, *takes))
            .filter(|(_, takes)| depth > 0 || !matches!(takes, Takes::One(_) | Takes::Many(_)))
            .collect();
        for _ in 0..*self.dice.one(&[0, 1, 1, 1, 2]) {
            let (name, takes) = **self.dice.one(&fields);
            let asked = self.asked(of, name, takes, depth);
            filter.insert(name.to_owned(), asked);
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
    pub(super) fn each_comparator(&mut self, of: Of) -> Vec<Value> {
        let (mut filters, alone) = (Vec::new(), self.alone);
        for (name, takes) in of.fields().iter().filter(|(name, takes)| !alone || is_own(of, name, *takes)) {
            if takes.comparators().is_empty() {
                filters.extend((0..6).map(|_| json!({ *name: self.asked(of, name, *takes, 1) })));
            }
            for how in takes.comparators() {
                filters.push(json!({ *name: { *how: self.operand(of, name, *takes, how, 1) } }));
            }
        }
        filters
    }

    /// A filter by other rows.
    pub(super) fn linked(&mut self, of: Of) -> Value {
        let fields: Vec<_> = of.fields().iter().filter(|(name, takes)| !is_own(of, name, *takes)).collect();
        let (name, takes) = **self.dice.one(&fields);
        json!({ name: self.asked(of, name, takes, 3) })
    }

    /// A condition on a field.
    pub(super) fn asked(&mut self, of: Of, name: &str, takes: Takes, depth: usize) -> Value {
        match takes {
            Takes::One(related) => self.filter(related, depth.saturating_sub(1)),
            Takes::CustomFields => (0..self.dice.below(3)).map(|_| self.custom_field()).collect(),
            Takes::Subject => self.subject().into(),
            _ => {
                let mut asked = Map::new();
                for _ in 0..*self.dice.one(&[1, 1, 1, 1, 1, 1, 2, 2, 0]) {
                    let how = *self.dice.one(takes.comparators());
                    asked.insert(how.to_owned(), self.operand(of, name, takes, how, depth));
                }
                asked.into()
            }
        }
    }

    /// An operand for a field.
    pub(super) fn operand(&mut self, of: Of, name: &str, takes: Takes, how: &str, depth: usize) -> Value {
        match how {
            "isNull" => self.dice.percent(50).into(),
            "in" | "notIn" => (0..*self.dice.one(&[0, 1, 2, 3, 5])).map(|_| self.value(of, name, takes)).collect(),
            "some" | "none" | "every" => {
                let Takes::Many(member) = takes else { unreachable!("{name}") };
                self.filter(member, depth.saturating_sub(1))
            }
            "contains" | "startsWith" | "endsWith" => {
                let text = self.value(of, name, takes);
                self.part(how, text.as_str().unwrap()).into()
            }
            _ => self.value(of, name, takes),
        }
    }

    fn value(&mut self, of: Of, name: &str, takes: Takes) -> Value {
        let known = self.world.values(of, name);
        let known = if known.is_empty() || self.dice.percent(12) { None } else { Some((*self.dice.one(&known)).clone()) };
        match takes {
            Takes::Text => known.unwrap_or_else(|| self.dice.one(&self.texts).clone().into()),
            Takes::Id(prefix) => {
                let mut id = known.map_or_else(|| "zalo_nobody".to_owned(), |id| id.as_str().unwrap().to_owned());
                if (of, name) == (Of::Ticket, "id") && self.dice.percent(40) {
                    let ids: Vec<String> = data::ticket_ids().collect();
                    id.clone_from(self.dice.one(&ids));
                }
                if prefix == "msg_" || self.dice.percent(50) { format!("{prefix}{id}").into() } else { id.into() }
            }
            Takes::Word(_, words) => (*self.dice.one(words)).into(),
            Takes::Truth => self.dice.percent(50).into(),
            Takes::Whole => self.dice.below(4).into(),
            Takes::Moment => {
                let at =
                    known.map_or(1_758_800_000_000, |at| Timestamp::parse_rfc3339(at.as_str().unwrap()).unwrap().as_millis());
                let at = Timestamp::clamped(at + self.dice.one(&[0, 0, 0, 1, -1]));
                let local = format!("{:.3}+07:00", Timestamp::clamped(at.as_millis() + 7 * 3_600_000).to_utc());
                if self.dice.percent(50) { local.into() } else { at.to_string().into() }
            }
            Takes::CustomFields | Takes::One(_) | Takes::Many(_) | Takes::Subject => unreachable!("{name}"),
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
        let mut asked =
            Map::from_iter([("key".to_owned(), json!(self.dice.one(&["cf_points", "cf_tag", "cf_Điểm", "cf_none"])))]);
        if self.dice.percent(50) {
            let how = *self.dice.one(Takes::Text.comparators());
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
            asked.insert("value".to_owned(), json!({ how: operand }));
        }
        if self.dice.percent(50) {
            let how = *self.dice.one(&FLOAT);
            let number = *self.dice.one(&[120.0, 7.5, -3.25, 1000.0, 0.0, 2.0, 120.000_001]);
            let operand: Value = if how == "isNull" { self.dice.percent(50).into() } else { number.into() };
            asked.insert("number".to_owned(), json!({ how: operand }));
        }
        if self.dice.percent(30) {
            asked.insert("exists".to_owned(), self.dice.percent(50).into());
        }
        asked.into()
    }

    fn subject(&mut self) -> String {
        let ids: Vec<String> =
            self.world.values(Of::Event, "subjects").into_iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        let aliases: Vec<String> = data::ticket_ids().collect();
        let id = if self.dice.percent(25) { self.dice.one(&aliases) } else { self.dice.one(&ids) };
        match id.split_once('_') {
            Some((_, own)) if self.dice.percent(50) => own.to_owned(),
            _ => id.clone(),
        }
    }
}
