//! The meaning of filters, written from the contract alone: over plain values, without the program's own comparison and
//! folding.

use std::cmp::Ordering;

use serde_json::Value;

use super::{
    vocabulary::{FieldType, ObjectType},
    world::World,
};

/// Whether an object matches a filter.
pub(super) fn fulfils(world: &World, of: ObjectType, thing: &Value, filter: &Value) -> bool {
    filter.as_object().unwrap().iter().all(|(name, condition)| match name.as_str() {
        "and" => condition.as_array().unwrap().iter().all(|part| fulfils(world, of, thing, part)),
        "or" => condition.as_array().unwrap().iter().any(|part| fulfils(world, of, thing, part)),
        "not" => !fulfils(world, of, thing, condition),
        name => {
            let field_type = of.fields().iter().find(|field| field.0 == name).unwrap().1;
            field(world, of, thing, name, field_type, condition)
        }
    })
}

fn field(world: &World, of: ObjectType, thing: &Value, name: &str, field_type: FieldType, condition: &Value) -> bool {
    let value = &thing[name];
    match field_type {
        FieldType::Text if (of, name) == (ObjectType::Customer, "status") => status(value.as_array().unwrap(), condition),
        FieldType::Id(prefix) if (of, name) == (ObjectType::Ticket, "id") => each(condition, |how, operand| {
            compare(how, value, operand, |_, id| means(prefix, id).any(|id| world.ticket(id) == value))
        }),
        FieldType::Id(prefix) => {
            each(condition, |how, operand| compare(how, value, operand, |value, id| means(prefix, id).any(|id| value == id)))
        }
        FieldType::Text | FieldType::Enum(..) | FieldType::Boolean | FieldType::Integer => {
            each(condition, |how, operand| compare(how, value, operand, same))
        }
        FieldType::Time => each(condition, |how, operand| {
            let at = |value: &Value| value.as_str().map(|text| text.parse::<jiff::Timestamp>().unwrap().as_millisecond().into());
            let operand = if how == "isNull" { operand.clone() } else { at(operand).unwrap() };
            compare(how, &at(value).unwrap_or(Value::Null), &operand, same)
        }),
        FieldType::CustomFields => {
            condition.as_array().unwrap().iter().all(|condition| custom_field(value.as_array().unwrap(), condition))
        }
        FieldType::One(related) => {
            let linked = world.by_id(related, &thing[format!("{name}Id")]);
            linked.is_some_and(|linked| fulfils(world, related, linked, condition))
        }
        FieldType::Many(member) => {
            let members: Vec<&Value> = members(world, of, thing, name, member);
            let matches = |part: &Value| members.iter().filter(|thing| fulfils(world, member, thing, part)).count();
            each(condition, |how, part| match how {
                "some" => matches(part) > 0,
                "none" => matches(part) == 0,
                "every" => matches(part) == members.len(),
                other => unreachable!("{other}"),
            })
        }
        FieldType::Subject => {
            let condition = condition.as_str().unwrap();
            let ticket = |id: &str| format!("tkt_{}", world.ticket(id));
            let mut ids = vec![condition.to_owned(), ticket(condition)];
            ids.extend(["cus_", "con_", "msg_"].map(|prefix| format!("{prefix}{condition}")));
            ids.extend(condition.strip_prefix("tkt_").map(ticket));
            let subjects = thing["subjects"].as_array().unwrap().iter().map(|id| id.as_str().unwrap());
            subjects.into_iter().any(|id| {
                ids.iter().any(|condition| condition == id) || id.strip_prefix("tkt_").is_some_and(|id| ids.contains(&ticket(id)))
            })
        }
    }
}

/// The elements of an object's list, without deleted tickets.
pub(super) fn members<'a>(world: &'a World, of: ObjectType, thing: &Value, name: &str, member: ObjectType) -> Vec<&'a Value> {
    if member == ObjectType::Staff {
        return thing[name].as_array().unwrap().iter().map(|id| world.by_id(ObjectType::Staff, id).unwrap()).collect();
    }
    let key = if of == ObjectType::Customer { "customerId" } else { "conversationId" };
    let is_listed = |thing: &&Value| member != ObjectType::Ticket || thing["deletedAt"].is_null();
    world.all(member).iter().filter(|member| member[key] == thing["id"]).filter(is_listed).collect()
}

/// Whether all conditions of an input hold.
fn each(condition: &Value, holds: impl Fn(&str, &Value) -> bool) -> bool {
    condition.as_object().unwrap().iter().all(|(how, operand)| holds(how, operand))
}

fn same(value: &str, operand: &str) -> bool {
    value == operand
}

fn compare(how: &str, value: &Value, operand: &Value, same: impl Fn(&str, &str) -> bool) -> bool {
    // Texts are stored and compared with NUL replaced.
    let stored = |operand: &str| operand.replace('\0', "\u{FFFD}");
    let equal = |operand: &Value| match (value, operand) {
        (Value::String(value), Value::String(operand)) => same(value, &stored(operand)),
        (Value::Number(value), Value::Number(operand)) => value.as_f64() == operand.as_f64(),
        (value, operand) => value == operand,
    };
    let any = || operand.as_array().unwrap().iter().any(equal);
    let order = || value.as_f64()?.partial_cmp(&operand.as_f64()?);
    let folded = |test: fn(&str, &str) -> bool| {
        value.as_str().is_some_and(|text| test(&fold(text), &fold(&stored(operand.as_str().unwrap()))))
    };
    match how {
        "eq" => equal(operand),
        "ne" => !equal(operand),
        "in" => any(),
        "notIn" => !any(),
        "isNull" => value.is_null() == operand.as_bool().unwrap(),
        "gt" => order() == Some(Ordering::Greater),
        "gte" => order().is_some_and(Ordering::is_ge),
        "lt" => order() == Some(Ordering::Less),
        "lte" => order().is_some_and(Ordering::is_le),
        "contains" => folded(|text, part| text.contains(part)),
        "startsWith" => folded(|text, part| text.starts_with(part)),
        "endsWith" => folded(|text, part| text.ends_with(part)),
        other => unreachable!("{other}"),
    }
}

/// One status name must meet all positive conditions, and none may meet a negated one.
fn status(names: &[Value], condition: &Value) -> bool {
    let names: Vec<&Value> = names.iter().filter(|name| !name.is_null()).collect();
    let (complements, positive): (Vec<_>, Vec<_>) =
        condition.as_object().unwrap().iter().partition(|(how, _)| matches!(how.as_str(), "ne" | "notIn" | "isNull"));
    let holds = |name: &Value, (how, operand): &(&String, &Value)| compare(how, name, operand, same);
    let is_one = positive.is_empty() || names.iter().any(|name| positive.iter().all(|part| holds(name, part)));
    is_one
        && complements.iter().all(|part| match part.0.as_str() {
            "isNull" => names.is_empty() == part.1.as_bool().unwrap(),
            _ => names.iter().all(|name| holds(name, part)),
        })
}

fn custom_field(fields: &[Value], condition: &Value) -> bool {
    let value = fields.iter().find(|field| field["key"] == condition["key"]).map_or(Value::Null, |field| field["value"].clone());
    each(condition, |what, part| match what {
        "key" => true,
        "exists" => value.is_null() != part.as_bool().unwrap(),
        "value" => {
            let text = if value.is_string() { value.clone() } else { Value::Null };
            each(part, |how, operand| compare(how, &text, operand, same))
        }
        "number" => {
            let number = match &value {
                Value::String(text) => text.trim().parse::<f64>().ok().filter(|number| number.is_finite()),
                value => value.as_f64(),
            };
            each(part, |how, operand| compare(how, &number.map_or(Value::Null, Value::from), operand, same))
        }
        other => unreachable!("{other}"),
    })
}

/// The CRM's ids that an id in a filter can mean.
fn means<'a>(prefix: &str, id: &'a str) -> impl Iterator<Item = &'a str> {
    let itself = (prefix != "msg_").then_some(id);
    id.strip_prefix(prefix).filter(|rest| !rest.is_empty()).into_iter().chain(itself)
}

/// A text without case, tones and marks, by a table of Vietnamese letters.
pub(super) fn fold(text: &str) -> String {
    const LETTERS: [&str; 7] =
        ["aàáảãạăằắẳẵặâầấẩẫậ", "eèéẻẽẹêềếểễệ", "iìíỉĩị", "oòóỏõọôồốổỗộơờớởỡợ", "uùúủũụưừứửữự", "yỳýỷỹỵ", "dđ"];
    let plain = |letter: char| LETTERS.iter().find(|row| row.contains(letter)).map_or(letter, |row| row.chars().next().unwrap());
    text.to_lowercase().chars().filter(|letter| !('\u{300}'..='\u{36F}').contains(letter)).map(plain).collect()
}

/// The order of two objects in a list: missing values last, ties by id.
pub(super) fn order(of: ObjectType, name: &str, descending: bool, one: &Value, other: &Value) -> Ordering {
    let towards = |order: Ordering| if descending { order.reverse() } else { order };
    let by_value = match (&one[name], &other[name]) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::Number(one), Value::Number(other)) => towards(one.as_i64().cmp(&other.as_i64())),
        (one, other) => {
            let (one, other) = (one.as_str().unwrap(), other.as_str().unwrap());
            let rank = |level: &str| ["OTHER", "LOW", "MEDIUM", "HIGH"].iter().position(|known| *known == level);
            towards(match name {
                "level" => rank(one).cmp(&rank(other)),
                "name" => fold(one).cmp(&fold(other)),
                _ => one.cmp(other),
            })
        }
    };
    let id = |thing: &Value| match of {
        ObjectType::Event => format!("{:0>9}", thing["id"].as_str().unwrap().trim_start_matches("evt_")),
        _ => thing["id"].as_str().unwrap().to_owned(),
    };
    by_value.then_with(|| towards(id(one).cmp(&id(other))))
}
