//! Comparators: what can be asked of one value.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::at::At;
use crate::{
    domain::{
        filter::{self, Number},
        id::{NodeId, SubjectIds, source_ids},
        text,
        time::Timestamp,
    },
    graphql::{
        error::Result,
        scalars::DateTime,
        types::{ChatMode, Direction, EventKind, MessageType, Platform, TicketLevel, TicketStatus},
    },
};

/// What is asked of a text. `contains`, `startsWith` and `endsWith` ignore case and Vietnamese diacritics: `nguyen` finds
/// "Nguyễn", `da nang` finds "Đà Nẵng"; `%` and `_` are plain characters. `eq`, `ne`, `in` and `notIn` are exact.
#[derive(Clone, Default, InputObject)]
pub(crate) struct StringFilter {
    /// Is exactly this.
    eq: MaybeUndefined<String>,
    /// Is not exactly this; also true where there is no text.
    ne: MaybeUndefined<String>,
    /// Is exactly one of these; an empty list matches nothing.
    r#in: MaybeUndefined<Vec<String>>,
    /// Is exactly none of these; also true where there is no text.
    not_in: MaybeUndefined<Vec<String>>,
    /// Contains this, in any case and with or without diacritics.
    contains: MaybeUndefined<String>,
    /// Starts with this, in any case and with or without diacritics.
    starts_with: MaybeUndefined<String>,
    /// Ends with this, in any case and with or without diacritics.
    ends_with: MaybeUndefined<String>,
    /// `true`: there is no text. `false`: there is one.
    is_null: MaybeUndefined<bool>,
}

impl StringFilter {
    pub(super) fn read(self, at: &At<'_>) -> Result<filter::StringFilter> {
        let one = |name, value| -> Result<Option<String>> {
            Ok(at.field(name).given(value)?.map(|value: String| text::without_nul(&value)))
        };
        let many = |name, values| -> Result<Option<Vec<String>>> {
            let at = at.field(name);
            let values: Option<Vec<String>> = at.given(values)?;
            at.count(values.as_ref().map_or(0, Vec::len))?;
            Ok(values.map(|values| values.iter().map(|value| text::without_nul(value)).collect()))
        };
        Ok(filter::StringFilter {
            eq: one("eq", self.eq)?,
            ne: one("ne", self.ne)?,
            is_in: many("in", self.r#in)?,
            not_in: many("notIn", self.not_in)?,
            contains: one("contains", self.contains)?,
            starts_with: one("startsWith", self.starts_with)?,
            ends_with: one("endsWith", self.ends_with)?,
            is_null: at.field("isNull").given(self.is_null)?,
        })
    }
}

/// What is asked of an instant. Instants are RFC 3339, with any offset: `2025-09-25T09:10:00Z`.
#[derive(Clone, Default, InputObject)]
pub(crate) struct DateTimeFilter {
    /// Is exactly then, to the millisecond.
    eq: MaybeUndefined<DateTime>,
    /// Is later.
    gt: MaybeUndefined<DateTime>,
    /// Is then or later.
    gte: MaybeUndefined<DateTime>,
    /// Is earlier.
    lt: MaybeUndefined<DateTime>,
    /// Is then or earlier.
    lte: MaybeUndefined<DateTime>,
    /// `true`: there is no instant. `false`: there is one.
    is_null: MaybeUndefined<bool>,
}

impl DateTimeFilter {
    pub(super) fn read(self, at: &At<'_>) -> Result<filter::DateTimeFilter> {
        let one = |name, value| -> Result<Option<Timestamp>> { Ok(at.field(name).given(value)?.map(|value: DateTime| value.0)) };
        Ok(filter::DateTimeFilter {
            eq: one("eq", self.eq)?,
            gt: one("gt", self.gt)?,
            gte: one("gte", self.gte)?,
            lt: one("lt", self.lt)?,
            lte: one("lte", self.lte)?,
            is_null: at.field("isNull").given(self.is_null)?,
        })
    }
}

/// What is asked of a whole number.
#[derive(Clone, Default, InputObject)]
pub(crate) struct IntFilter {
    /// Is this.
    eq: MaybeUndefined<i32>,
    /// Is not this.
    ne: MaybeUndefined<i32>,
    /// Is greater.
    gt: MaybeUndefined<i32>,
    /// Is this or greater.
    gte: MaybeUndefined<i32>,
    /// Is less.
    lt: MaybeUndefined<i32>,
    /// Is this or less.
    lte: MaybeUndefined<i32>,
    /// Is one of these; an empty list matches nothing.
    r#in: MaybeUndefined<Vec<i32>>,
    /// `true`: there is no number. `false`: there is one.
    is_null: MaybeUndefined<bool>,
}

impl IntFilter {
    pub(super) fn read(self, at: &At<'_>) -> Result<filter::IntFilter> {
        let one = |name, value: MaybeUndefined<i32>| -> Result<Option<i64>> { Ok(at.field(name).given(value)?.map(i64::from)) };
        let listed = at.field("in");
        let is_in: Option<Vec<i32>> = listed.given(self.r#in)?;
        listed.count(is_in.as_ref().map_or(0, Vec::len))?;
        Ok(filter::IntFilter {
            eq: one("eq", self.eq)?,
            ne: one("ne", self.ne)?,
            gt: one("gt", self.gt)?,
            gte: one("gte", self.gte)?,
            lt: one("lt", self.lt)?,
            lte: one("lte", self.lte)?,
            is_in: is_in.map(|values| values.into_iter().map(i64::from).collect()),
            is_null: at.field("isNull").given(self.is_null)?,
        })
    }
}

/// What is asked of a number.
#[derive(Clone, Default, InputObject)]
pub(crate) struct FloatFilter {
    /// Is exactly this.
    eq: MaybeUndefined<f64>,
    /// Is not exactly this; also true where there is no number.
    ne: MaybeUndefined<f64>,
    /// Is greater.
    gt: MaybeUndefined<f64>,
    /// Is this or greater.
    gte: MaybeUndefined<f64>,
    /// Is less.
    lt: MaybeUndefined<f64>,
    /// Is this or less.
    lte: MaybeUndefined<f64>,
    /// `true`: there is no number. `false`: there is one.
    is_null: MaybeUndefined<bool>,
}

impl FloatFilter {
    pub(super) fn read(self, at: &At<'_>) -> Result<filter::FloatFilter> {
        let one = |name, value| -> Result<Option<Number>> { Ok(at.field(name).given(value)?.map(Number)) };
        Ok(filter::FloatFilter {
            eq: one("eq", self.eq)?,
            ne: one("ne", self.ne)?,
            gt: one("gt", self.gt)?,
            gte: one("gte", self.gte)?,
            lt: one("lt", self.lt)?,
            lte: one("lte", self.lte)?,
            is_null: at.field("isNull").given(self.is_null)?,
        })
    }
}

/// What is asked of a truth.
#[derive(Clone, Default, InputObject)]
pub(crate) struct BooleanFilter {
    /// Is this.
    eq: MaybeUndefined<bool>,
    /// `true`: it is not known. `false`: it is.
    is_null: MaybeUndefined<bool>,
}

impl BooleanFilter {
    pub(super) fn read(self, at: &At<'_>) -> Result<filter::BooleanFilter> {
        Ok(filter::BooleanFilter { eq: at.field("eq").given(self.eq)?, is_null: at.field("isNull").given(self.is_null)? })
    }
}

/// What is asked of an id. It takes what the by-id fields take: global ids (`cus_64f2aa`), or the CRM's own (`64f2aa`);
/// of messages, global ids alone.
#[derive(Clone, Default, InputObject)]
pub(crate) struct IdFilter {
    /// Is this.
    eq: MaybeUndefined<ID>,
    /// Is not this; also true where there is none.
    ne: MaybeUndefined<ID>,
    /// Is one of these; an empty list matches nothing.
    r#in: MaybeUndefined<Vec<ID>>,
    /// Is none of these; also true where there is none.
    not_in: MaybeUndefined<Vec<ID>>,
    /// `true`: there is none. `false`: there is one.
    is_null: MaybeUndefined<bool>,
}

impl IdFilter {
    /// Ids of things with this prefix.
    fn of(self, at: &At<'_>, prefix: &'static str) -> Result<filter::IdFilter> {
        self.by(at, |_, id| Ok(source_ids(prefix, id).map(str::to_owned).collect()))
    }

    pub(super) fn customers(self, at: &At<'_>) -> Result<filter::IdFilter> {
        self.of(at, "cus_")
    }

    pub(super) fn conversations(self, at: &At<'_>) -> Result<filter::IdFilter> {
        self.of(at, "con_")
    }

    pub(super) fn tickets(self, at: &At<'_>) -> Result<filter::IdFilter> {
        self.of(at, "tkt_")
    }

    pub(super) fn staff(self, at: &At<'_>) -> Result<filter::IdFilter> {
        self.of(at, "stf_")
    }

    pub(super) fn messages(self, at: &At<'_>) -> Result<filter::IdFilter> {
        self.by(at, |at, id| {
            if let Ok(NodeId::Message(key)) = id.parse() {
                return Ok(vec![key]);
            }
            let shown: String = id.chars().take(64).collect();
            Err(at.wrong(format!("`{shown}` is not the id of a message: expected msg_<platform>_…")))
        })
    }

    fn by(self, at: &At<'_>, keys: impl Fn(&At<'_>, &str) -> Result<Vec<String>>) -> Result<filter::IdFilter> {
        let one = |name, value| -> Result<Option<Vec<String>>> {
            let at = at.field(name);
            at.given(value)?.map(|id: ID| keys(&at, &id)).transpose()
        };
        let many = |name, values| -> Result<Option<Vec<String>>> {
            let at = at.field(name);
            let Some(ids): Option<Vec<ID>> = at.given(values)? else { return Ok(None) };
            at.count(ids.len())?;
            let keys: Vec<Vec<String>> = ids.iter().map(|id| keys(&at, id)).collect::<Result<_>>()?;
            Ok(Some(keys.into_iter().flatten().collect()))
        };
        Ok(filter::IdFilter {
            eq: one("eq", self.eq)?,
            ne: one("ne", self.ne)?,
            is_in: many("in", self.r#in)?,
            not_in: many("notIn", self.not_in)?,
            is_null: at.field("isNull").given(self.is_null)?,
        })
    }
}

/// Anything an event can be about.
#[expect(clippy::unnecessary_wraps, reason = "read like every other part of a filter")]
pub(super) fn subject(ID(id): ID, _: &At<'_>) -> Result<SubjectIds> {
    Ok(SubjectIds::of(id))
}

/// A comparator of the words of a list.
macro_rules! word_filter {
    ($(#[$doc:meta])* $name:ident of $word:ty => $domain:ty) => {
        $(#[$doc])*
        #[derive(Clone, Default, InputObject)]
        pub(crate) struct $name {
            /// Is this.
            eq: MaybeUndefined<$word>,
            /// Is not this; also true where there is none.
            ne: MaybeUndefined<$word>,
            /// Is one of these; an empty list matches nothing.
            r#in: MaybeUndefined<Vec<$word>>,
            /// Is none of these; also true where there is none.
            not_in: MaybeUndefined<Vec<$word>>,
        }

        impl $name {
            pub(super) fn read(self, at: &At<'_>) -> Result<filter::WordFilter<$domain>> {
                let many = |name, values| -> Result<Option<Vec<$domain>>> {
                    let at = at.field(name);
                    let values: Option<Vec<$word>> = at.given(values)?;
                    at.count(values.as_ref().map_or(0, Vec::len))?;
                    Ok(values.map(|values| values.into_iter().map(Into::into).collect()))
                };
                Ok(filter::WordFilter {
                    eq: at.field("eq").given(self.eq)?.map(Into::into),
                    ne: at.field("ne").given(self.ne)?.map(Into::into),
                    is_in: many("in", self.r#in)?,
                    not_in: many("notIn", self.not_in)?,
                })
            }
        }
    };
}

word_filter! {
    /// What is asked of a platform. `OTHER` matches every platform that is not in the list.
    PlatformFilter of Platform => crate::domain::words::Platform
}
word_filter! {
    /// What is asked of the direction of a message.
    DirectionFilter of Direction => bool
}
word_filter! {
    /// What is asked of the type of a message. `OTHER` matches every type that is not in the list.
    MessageTypeFilter of MessageType => crate::domain::words::MessageType
}
word_filter! {
    /// What is asked of a chat mode.
    ChatModeFilter of ChatMode => crate::domain::words::ChatMode
}
word_filter! {
    /// What is asked of the level of a ticket. `OTHER` matches every level that is not in the list.
    TicketLevelFilter of TicketLevel => crate::domain::words::TicketLevel
}
word_filter! {
    /// What is asked of the status of a ticket. `OTHER` matches every status that is not in the list.
    TicketStatusFilter of TicketStatus => crate::domain::words::TicketStatus
}
word_filter! {
    /// What is asked of the kind of an event.
    EventKindFilter of EventKind => crate::domain::kind::EventKind
}
