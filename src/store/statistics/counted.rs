//! Counts messages from the tables of counts, whose size does not depend on the number of messages.
//!
//! They can answer a question if its filter and groups use only the time of sending and the dimensions of the counts: platform,
//! channel, type and direction. The smallest table that can answer is used. If a time range starts or ends within a span of that
//! table, the messages at these ends are counted one by one.
//!
//! The answer always equals a count of the messages themselves.

use entity::{
    message::{self, Column},
    message_hour, message_quarter, message_total,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IdenStatic,
    sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr, UnionType},
};

use super::time::Axis;
use crate::{
    domain::{
        calendar::{HOUR_MS, QUARTER_MS},
        filter::{Comparison, Filter, MessageField, Messages, Predicate, Test, Value},
        statistics::{Grouping, MessageDimension},
    },
    store::{filter, view::View},
};

/// The column with the number of messages that a row represents.
const COUNT: &str = "count";

/// Rows that represent messages, each with a count. They have those message columns that the question uses.
pub(in crate::store) struct Counted {
    rows: SelectStatement,
    condition: Condition,
}

impl Counted {
    /// The rows for a statistic; `None` if the counts can't answer it.
    pub(super) fn groups(
        filter: &Filter<Messages>,
        grouping: &Grouping<MessageDimension>,
        axis: Option<&Axis>,
        view: View,
    ) -> Option<Self> {
        let mut parts = Parts::by(filter, view)?;
        parts.is_detailed |= [MessageDimension::Channel, MessageDimension::Type].iter().any(|by| grouping.is_by(by));
        let rows = match axis {
            None => parts.rows(true)?,
            Some(axis) if axis.fits(HOUR_MS) => parts.rows_in_time(true)?,
            Some(axis) if axis.fits(QUARTER_MS) => parts.rows_in_time(false)?,
            Some(_) => return None,
        };
        Some(Self { rows, condition: parts.condition(filter, view) })
    }

    /// The rows for the length of a list; `None` if the counts can't answer it.
    pub(in crate::store) fn list(filter: &Filter<Messages>, view: View) -> Option<Self> {
        let parts = Parts::by(filter, view)?;
        Some(Self { rows: parts.rows(true)?, condition: parts.condition(filter, view) })
    }

    /// A select from these rows, as if they were messages.
    pub(in crate::store) fn select(&self) -> SelectStatement {
        let mut select = Query::select();
        select.from_subquery(self.rows.clone(), Alias::new(message::Entity.as_str())).cond_where(self.condition.clone());
        select
    }

    /// The number of messages in a group.
    pub(in crate::store) fn number() -> SimpleExpr {
        let sum = Expr::col((message::Entity, Alias::new(COUNT))).sum();
        ExprTrait::cast_as(Func::coalesce([sum, Expr::value(0_i64)]), "bigint")
    }
}

/// The parts of a filter.
#[derive(Default)]
struct Parts {
    /// The start of the time range, inclusive; `None` if unbounded.
    from: Option<i64>,
    /// The end of the time range, exclusive; `None` if unbounded.
    until: Option<i64>,
    /// The conditions that do not concern time.
    kinds: Vec<Predicate<Messages>>,
    /// Whether it uses the channel or the type, which the hourly counts lack.
    is_detailed: bool,
}

impl Parts {
    /// `None` if the counts can't answer the filter, or messages are hidden from the reader.
    fn by(filter: &Filter<Messages>, view: View) -> Option<Self> {
        if view.restricted.conversations {
            return None;
        }
        let mut parts = Self::default();
        parts.read(&filter.predicate).then_some(parts)
    }

    /// Adds a condition that every message must pass. Returns whether the counts can answer it.
    fn read(&mut self, predicate: &Predicate<Messages>) -> bool {
        match predicate {
            Predicate::All(parts) => parts.iter().all(|part| self.read(part)),
            Predicate::Field(MessageField::SentAt, Test::Compare(comparison, Value::Time(at))) => {
                let at = at.as_millis();
                match comparison {
                    Comparison::Greater => self.start_at(at + 1),
                    Comparison::GreaterOrEqual => self.start_at(at),
                    Comparison::Less => self.end_before(at),
                    Comparison::LessOrEqual => self.end_before(at + 1),
                }
                true
            }
            _ => {
                self.kinds.push(predicate.clone());
                self.is_of_kinds(predicate)
            }
        }
    }

    fn start_at(&mut self, from: i64) {
        self.from = Some(self.from.map_or(from, |known| Ord::max(known, from)));
    }

    fn end_before(&mut self, until: i64) {
        self.until = Some(self.until.map_or(until, |known| Ord::min(known, until)));
    }

    /// Whether a condition uses only the dimensions of the counts.
    fn is_of_kinds(&mut self, predicate: &Predicate<Messages>) -> bool {
        match predicate {
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().all(|part| self.is_of_kinds(part)),
            Predicate::Not(part) => self.is_of_kinds(part),
            Predicate::Field(MessageField::Platform | MessageField::Direction, _) => true,
            Predicate::Field(MessageField::Type, _) => {
                self.is_detailed = true;
                true
            }
            // Patterns are matched against the folded copy, which the counts lack.
            Predicate::Field(MessageField::ChannelId, test) => {
                self.is_detailed = true;
                !matches!(test, Test::Match(..))
            }
            Predicate::Field(..) | Predicate::Relation(_) => false,
        }
    }

    /// The conditions that do not concern time.
    fn condition(&self, filter: &Filter<Messages>, view: View) -> Condition {
        filter::condition(&Filter { predicate: Predicate::All(self.kinds.clone()), ..filter.clone() }, view)
    }

    /// The rows for a question that does not group by time.
    fn rows(&self, hours: bool) -> Option<SelectStatement> {
        if self.from.is_some() || self.until.is_some() {
            return self.rows_in_time(hours);
        }
        let mut rows = Query::select();
        kinds(&mut rows, true).column(message_total::Column::Count).from(message_total::Entity);
        Some(rows)
    }

    /// The rows with their times: hourly counts if they can answer and may be used, otherwise quarter-hourly ones. `None` if the
    /// time range contains no whole span.
    fn rows_in_time(&self, hours: bool) -> Option<SelectStatement> {
        if hours && !self.is_detailed {
            let whole = message_hour::Column::Start.into_expr();
            self.spans(message_hour::Entity, whole, message_hour::Column::Count, HOUR_MS)
        } else {
            let whole = message_quarter::Column::Start.into_expr();
            self.spans(message_quarter::Entity, whole, message_quarter::Column::Count, QUARTER_MS)
        }
    }

    /// The counts of the spans within the time range, and the messages before and after these spans.
    fn spans<E: EntityTrait>(&self, table: E, start: SimpleExpr, count: E::Column, length: i64) -> Option<SelectStatement> {
        let first = self.from.map(|from| from + (-from).rem_euclid(length));
        let end = self.until.map(|until| until - until.rem_euclid(length));
        if let (Some(first), Some(end)) = (first, end)
            && first >= end
        {
            return None;
        }
        let mut rows = Query::select();
        rows.expr_as(start.clone(), Column::SentAt);
        kinds(&mut rows, length == QUARTER_MS).expr_as(count.into_expr(), Alias::new(COUNT)).from(table);
        rows.and_where_option(first.map(|first| start.clone().gte(first)));
        rows.and_where_option(end.map(|end| start.lt(end)));
        for (from, until) in [(self.from, first), (end, self.until)] {
            if let (Some(from), Some(until)) = (from, until)
                && from < until
            {
                rows.union(UnionType::All, messages(from, until, length == QUARTER_MS));
            }
        }
        Some(rows)
    }
}

/// Selects the dimensions of the counts; for hourly counts, without details.
fn kinds(rows: &mut SelectStatement, is_detailed: bool) -> &mut SelectStatement {
    rows.columns([Column::Platform, Column::Outbound]);
    if is_detailed {
        let channel = Func::cust(Alias::new("nullif")).args([Expr::col(Alias::new(Column::ChannelId.as_str())), Expr::value("")]);
        rows.expr_as(channel, Column::ChannelId).column(Column::TypeKey);
    }
    rows
}

/// The messages in a time range, as rows with the same columns.
fn messages(from: i64, until: i64, is_detailed: bool) -> SelectStatement {
    let mut rows = Query::select();
    rows.column(Column::SentAt).columns([Column::Platform, Column::Outbound]);
    if is_detailed {
        rows.columns([Column::ChannelId, Column::TypeKey]);
    }
    rows.expr_as(Expr::value(1_i64), Alias::new(COUNT))
        .from(message::Entity)
        .and_where(Column::SentAt.gte(from))
        .and_where(Column::SentAt.lt(until))
        .take()
}
