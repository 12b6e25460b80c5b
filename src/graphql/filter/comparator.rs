//! Comparators: the input types with the operators for each kind of value, and their conversion to tests of `domain`.

use std::borrow::Cow;

use async_graphql::{ID, InputType, Value as Given, registry::Registry};

use super::{
    at::{At, items},
    input_field, input_object,
};
use crate::{
    domain::{
        filter::{Comparison, IdOf, Kind, Number, Pattern, Test, Value, WordList},
        id::{NodeId, source_ids},
        kind, text, words,
    },
    graphql::{
        error::Result,
        scalars::DateTime,
        types::{ChatMode, Direction, EventKind, MessageType, Platform, TicketLevel, TicketStatus},
    },
};

/// An operator of a comparator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Eq,
    Ne,
    In,
    NotIn,
    Compare(&'static str, Comparison),
    Match(&'static str, Pattern),
    IsNull,
}

const GT: Operator = Operator::Compare("gt", Comparison::Greater);
const GTE: Operator = Operator::Compare("gte", Comparison::GreaterOrEqual);
const LT: Operator = Operator::Compare("lt", Comparison::Less);
const LTE: Operator = Operator::Compare("lte", Comparison::LessOrEqual);

impl Operator {
    fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::In => "in",
            Self::NotIn => "notIn",
            Self::Compare(name, _) | Self::Match(name, _) => name,
            Self::IsNull => "isNull",
        }
    }
}

/// An input type with the operators for one kind of value.
struct Comparator {
    name: &'static str,
    description: &'static str,
    operators: &'static [(Operator, &'static str)],
}

const TEXT: Comparator = Comparator {
    name: "StringFilter",
    description: "Text comparison. `contains`, `startsWith` and `endsWith` ignore case and Vietnamese diacritics: `nguyen` finds \
                  \"Nguyễn\", `da nang` finds \"Đà Nẵng\"; `%` and `_` are plain characters. `eq`, `ne`, `in` and `notIn` \
                  compare exactly.",
    operators: &[
        (Operator::Eq, "Equals this text exactly."),
        (Operator::Ne, "Does not equal this text exactly. A missing value matches."),
        (Operator::In, "Equals one of these texts exactly. An empty list matches nothing."),
        (Operator::NotIn, "Equals none of these texts exactly. A missing value matches."),
        (Operator::Match("contains", Pattern::Contains), "Contains this text, ignoring case and diacritics."),
        (Operator::Match("startsWith", Pattern::StartsWith), "Starts with this text, ignoring case and diacritics."),
        (Operator::Match("endsWith", Pattern::EndsWith), "Ends with this text, ignoring case and diacritics."),
        (Operator::IsNull, "`true`: the value is missing. `false`: it is present."),
    ],
};

const TIME: Comparator = Comparator {
    name: "DateTimeFilter",
    description: "Time comparison. Times are RFC 3339 with any offset: `2025-09-25T09:10:00Z`.",
    operators: &[
        (Operator::Eq, "Equals this time, to the millisecond."),
        (GT, "Is later than this time."),
        (GTE, "Is this time or later."),
        (LT, "Is earlier than this time."),
        (LTE, "Is this time or earlier."),
        (Operator::IsNull, "`true`: the time is missing. `false`: it is present."),
    ],
};

const INT: Comparator = Comparator {
    name: "IntFilter",
    description: "Comparison of whole numbers.",
    operators: &[
        (Operator::Eq, "Equals this number."),
        (Operator::Ne, "Does not equal this number."),
        (GT, "Is greater than this number."),
        (GTE, "Is greater than or equal to this number."),
        (LT, "Is less than this number."),
        (LTE, "Is less than or equal to this number."),
        (Operator::In, "Equals one of these numbers. An empty list matches nothing."),
        (Operator::IsNull, "`true`: the number is missing. `false`: it is present."),
    ],
};

const FLOAT: Comparator = Comparator {
    name: "FloatFilter",
    description: "Comparison of numbers.",
    operators: &[
        (Operator::Eq, "Equals this number exactly."),
        (Operator::Ne, "Does not equal this number exactly. A missing value matches."),
        (GT, "Is greater than this number."),
        (GTE, "Is greater than or equal to this number."),
        (LT, "Is less than this number."),
        (LTE, "Is less than or equal to this number."),
        (Operator::IsNull, "`true`: the number is missing. `false`: it is present."),
    ],
};

const BOOLEAN: Comparator = Comparator {
    name: "BooleanFilter",
    description: "Boolean comparison.",
    operators: &[
        (Operator::Eq, "Equals this value."),
        (Operator::IsNull, "`true`: the value is missing. `false`: it is present."),
    ],
};

const ID_FILTER: Comparator = Comparator {
    name: "IdFilter",
    description: "Comparison of ids. It takes what the by-id fields take: global ids (`cus_64f2aa`) or the CRM's own (`64f2aa`). \
                  For messages it takes global ids only.",
    operators: &[
        (Operator::Eq, "Is this id."),
        (Operator::Ne, "Is not this id. A missing id matches."),
        (Operator::In, "Is one of these ids. An empty list matches nothing."),
        (Operator::NotIn, "Is none of these ids. A missing id matches."),
        (Operator::IsNull, "`true`: the id is missing. `false`: it is present."),
    ],
};

const WORD_OPERATORS: &[(Operator, &str)] = &[
    (Operator::Eq, "Equals this value."),
    (Operator::Ne, "Does not equal this value. A missing value matches."),
    (Operator::In, "Equals one of these values. An empty list matches nothing."),
    (Operator::NotIn, "Equals none of these values. A missing value matches."),
];

/// The comparator for a kind of value.
fn comparator(kind: Kind) -> Comparator {
    let word = |name, description| Comparator { name, description, operators: WORD_OPERATORS };
    match kind {
        Kind::Text => TEXT,
        Kind::Int => INT,
        Kind::Float => FLOAT,
        Kind::Boolean => BOOLEAN,
        Kind::Time => TIME,
        Kind::Id(_) => ID_FILTER,
        Kind::Word(WordList::Platform) => {
            word("PlatformFilter", "Platform comparison. `OTHER` matches every platform that is not listed.")
        }
        Kind::Word(WordList::Direction) => word("DirectionFilter", "Comparison of message directions."),
        Kind::Word(WordList::MessageType) => {
            word("MessageTypeFilter", "Comparison of message types. `OTHER` matches every type that is not listed.")
        }
        Kind::Word(WordList::ChatMode) => word("ChatModeFilter", "Comparison of chat modes."),
        Kind::Word(WordList::TicketLevel) => {
            word("TicketLevelFilter", "Comparison of ticket levels. `OTHER` matches every level that is not listed.")
        }
        Kind::Word(WordList::TicketStatus) => {
            word("TicketStatusFilter", "Comparison of ticket statuses. `OTHER` matches every status that is not listed.")
        }
        Kind::Word(WordList::EventKind) => word("EventKindFilter", "Comparison of event kinds."),
    }
}

/// Adds the comparator of a kind and the type of its operands to the schema, and returns its name.
pub(super) fn register(kind: Kind, registry: &mut Registry) -> String {
    fn of<T: InputType>(registry: &mut Registry) -> String {
        T::create_type_info(registry);
        T::type_name().into_owned()
    }
    let operand = match kind {
        Kind::Text => of::<String>(registry),
        Kind::Int => of::<i32>(registry),
        Kind::Float => of::<f64>(registry),
        Kind::Boolean => of::<bool>(registry),
        Kind::Time => of::<DateTime>(registry),
        Kind::Id(_) => of::<ID>(registry),
        Kind::Word(WordList::Platform) => of::<Platform>(registry),
        Kind::Word(WordList::Direction) => of::<Direction>(registry),
        Kind::Word(WordList::MessageType) => of::<MessageType>(registry),
        Kind::Word(WordList::ChatMode) => of::<ChatMode>(registry),
        Kind::Word(WordList::TicketLevel) => of::<TicketLevel>(registry),
        Kind::Word(WordList::TicketStatus) => of::<TicketStatus>(registry),
        Kind::Word(WordList::EventKind) => of::<EventKind>(registry),
    };
    let boolean = of::<bool>(registry);
    let comparator = comparator(kind);
    let field = |(operator, description): &(Operator, &str)| {
        let ty = match operator {
            Operator::In | Operator::NotIn => format!("[{operand}!]"),
            Operator::IsNull => boolean.clone(),
            Operator::Eq | Operator::Ne | Operator::Compare(..) | Operator::Match(..) => operand.clone(),
        };
        input_field(operator.name(), description, ty)
    };
    let fields = comparator.operators.iter().map(field).collect();
    let name = comparator.name.to_owned();
    registry.types.entry(name.clone()).or_insert_with(|| input_object::<()>(&name, comparator.description, fields));
    name
}

/// Parses a comparator into tests, all of which a value has to pass.
pub(super) fn read(kind: Kind, value: &Given, at: &At<'_>) -> Result<Vec<Test>> {
    let mut tests = Vec::new();
    for &(operator, _) in comparator(kind).operators {
        let Some((given, at)) = at.given(value, operator.name())? else { continue };
        let one = || -> Result<Value<'static>> { Ok(operands(kind, given, &at)?.swap_remove(0)) };
        let many = || -> Result<Vec<Value<'static>>> {
            let given = items(given);
            at.count(given.len())?;
            Ok(given.iter().map(|given| operands(kind, given, &at)).collect::<Result<Vec<_>>>()?.concat())
        };
        tests.push(match operator {
            // An id may stand for several source ids.
            Operator::Eq if matches!(kind, Kind::Id(_)) => Test::OneOf(operands(kind, given, &at)?),
            Operator::Ne if matches!(kind, Kind::Id(_)) => Test::NoneOf(operands(kind, given, &at)?),
            Operator::Eq => Test::Equal(one()?),
            Operator::Ne => Test::NotEqual(one()?),
            Operator::In => Test::OneOf(many()?),
            Operator::NotIn => Test::NoneOf(many()?),
            Operator::Compare(_, comparison) => Test::Compare(comparison, one()?),
            Operator::Match(_, pattern) => {
                Test::Match(pattern, parsed::<String>(given, &at).map(|text| text::without_nul(&text))?)
            }
            Operator::IsNull => Test::Null(parsed(given, &at)?),
        });
    }
    Ok(tests)
}

/// Parses an operand: one value, except that an id may stand for several source ids.
fn operands(of: Kind, given: &Given, at: &At<'_>) -> Result<Vec<Value<'static>>> {
    let text = |text: &str| Value::Text(Cow::Owned(text::without_nul(text)));
    let value = match of {
        Kind::Text => text(&parsed::<String>(given, at)?),
        Kind::Int => Value::Int(parsed::<i32>(given, at)?.into()),
        Kind::Float => Value::Float(Number(parsed(given, at)?)),
        Kind::Boolean => Value::Boolean(parsed(given, at)?),
        Kind::Time => Value::Time(parsed::<DateTime>(given, at)?.0),
        Kind::Id(of) => {
            let id = parsed::<ID>(given, at)?;
            let prefix = match of {
                IdOf::Customer => "cus_",
                IdOf::Conversation => "con_",
                IdOf::Ticket => "tkt_",
                IdOf::Staff => "stf_",
                IdOf::Message => return Ok(vec![text(&message_key(&id, at)?)]),
            };
            return Ok(source_ids(prefix, &id).map(text).collect());
        }
        Kind::Word(WordList::Platform) => Value::Word(words::Platform::from(parsed::<Platform>(given, at)?).word()),
        Kind::Word(WordList::Direction) => Value::Boolean(parsed::<Direction>(given, at)?.into()),
        Kind::Word(WordList::MessageType) => Value::Word(words::MessageType::from(parsed::<MessageType>(given, at)?).word()),
        Kind::Word(WordList::ChatMode) => Value::Word(words::ChatMode::from(parsed::<ChatMode>(given, at)?).word()),
        Kind::Word(WordList::TicketLevel) => Value::Word(words::TicketLevel::from(parsed::<TicketLevel>(given, at)?).word()),
        Kind::Word(WordList::TicketStatus) => Value::Word(words::TicketStatus::from(parsed::<TicketStatus>(given, at)?).word()),
        Kind::Word(WordList::EventKind) => Value::Word(kind::EventKind::from(parsed::<EventKind>(given, at)?).name()),
    };
    Ok(vec![value])
}

/// Parses a value as a type of the API.
fn parsed<T: InputType>(given: &Given, at: &At<'_>) -> Result<T> {
    T::parse(Some(given.clone())).map_err(|error| at.wrong(error.into_server_error(async_graphql::Pos::default()).message))
}

fn message_key(id: &str, at: &At<'_>) -> Result<String> {
    if let Ok(NodeId::Message(key)) = id.parse() {
        return Ok(key);
    }
    let shown: String = id.chars().take(64).collect();
    Err(at.wrong(format!("`{shown}` is not the id of a message: expected msg_<platform>_…")))
}
