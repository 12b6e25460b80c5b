//! Filters as SQL: the one place where a predicate of `domain::filter` becomes a condition.
//!
//! SQL's logic has three values: a comparison with NULL is neither true nor false. Conditions here may be NULL where a value
//! is missing, which `WHERE`, `AND` and `OR` read as false; a complement is therefore always a [`negation`], which reads it so
//! too. Relations are correlated subqueries. The name of a table in one means the nearest around it, and no relation leads
//! from a table to itself.

mod conversation;
mod customer;
mod event;
mod linked;
mod message;
mod staff;
mod stored;
mod ticket;

use sea_orm::{
    Condition, EntityTrait,
    sea_query::{Alias, Expr, ExprTrait, Func, IntoTableRef, Query, SelectStatement, SimpleExpr},
};

use self::stored::Stored;
use super::{
    dialect::Dialect,
    view::{View, whole},
};
use crate::domain::{
    filter::{Collection, Filter, Members, Predicate, Quantifier},
    time::Timestamp,
};

/// A collection that has a table.
pub(super) trait Table: Collection {
    /// How a field is stored.
    fn stored(field: Self::Field, now: Timestamp, view: View) -> Stored;

    /// The condition that a relation passes; `None` where it always does.
    fn related(relation: &Self::Relation, compiler: Compiler) -> Option<SimpleExpr>;

    /// The condition that a row is in a list at all; `None` where every row is.
    fn listed(include_deleted: bool) -> Option<SimpleExpr> {
        let _ = include_deleted;
        None
    }
}

/// The condition of a list with a filter.
pub(super) fn condition<C: Table>(filter: &Filter<C>, view: View) -> Condition {
    let compiler = Compiler { view, now: filter.now, of_whole_tables: false };
    Condition::all().add_option(C::listed(filter.include_deleted)).add_option(compiler.condition(&filter.predicate))
}

/// Writes predicates as SQL for a view of the tables, at a time.
#[derive(Clone, Copy)]
pub(super) struct Compiler {
    view: View,
    now: Timestamp,
    of_whole_tables: bool,
}

impl Compiler {
    /// For the rules of roles, which see whole tables. No rule depends on the time.
    pub(super) fn of_whole_tables(sql: Dialect) -> Self {
        Self { view: View::everything(sql), now: Timestamp::clamped(0), of_whole_tables: true }
    }

    /// The start of a correlated subquery over rows that a role may limit.
    pub(super) fn one_of<E: EntityTrait>(self, table: E) -> SelectStatement {
        if !self.of_whole_tables {
            return one_of(table);
        }
        let name = table.table_name().to_owned();
        Query::select().expr(Expr::value(1)).from_as(Alias::new(whole(&name)), Alias::new(name)).to_owned()
    }

    /// A predicate as a condition; `None` of one that is always true.
    pub(super) fn condition<C: Table>(self, predicate: &Predicate<C>) -> Option<SimpleExpr> {
        match predicate {
            Predicate::All(parts) => all(parts.iter().filter_map(|part| self.condition(part))),
            Predicate::Any(parts) => {
                // A part that is always true makes the whole so.
                let parts: Option<Vec<SimpleExpr>> = parts.iter().map(|part| self.condition(part)).collect();
                parts.map(any)
            }
            Predicate::Not(part) => Some(self.condition(part).map_or_else(|| Expr::value(false), negation)),
            Predicate::Field(field, test) => Some(C::stored(*field, self.now, self.view).passes(test, self.view.sql)),
            Predicate::Relation(relation) => C::related(relation, self),
        }
    }

    /// A relation to one row, which must exist: `row` selects it.
    pub(super) fn one<C: Table>(self, mut row: SelectStatement, predicate: &Predicate<C>) -> SimpleExpr {
        if let Some(part) = self.condition(predicate) {
            row.and_where(part);
        }
        Expr::exists(row)
    }

    /// A relation to many rows: `rows` selects them. They are found by whose they are and then tested: a planner without
    /// statistics takes the index of any other condition for as good, and would read everyone's.
    fn many<C: Table>(self, rows: &SelectStatement, members: &Members<C>) -> Option<SimpleExpr> {
        let with = |part: Option<SimpleExpr>| {
            let mut rows = rows.clone();
            if let Some(part) = part {
                rows.and_where(settled(part));
            }
            Expr::exists(rows)
        };
        let condition = self.condition(&members.predicate);
        match members.quantifier {
            Quantifier::Some => Some(with(condition)),
            Quantifier::None => Some(with(condition).not()),
            Quantifier::Every => condition.map(|every| with(Some(negation(every))).not()),
        }
    }
}

/// True where the condition is not true: also where it is NULL.
pub(super) fn negation(condition: SimpleExpr) -> SimpleExpr {
    settled(condition).not()
}

/// The condition with NULL read as false, and as an expression that no index serves.
fn settled(condition: SimpleExpr) -> SimpleExpr {
    Expr::expr(Func::coalesce([condition, Expr::value(false)]))
}

/// All of the parts; `None` where there are none, which is true.
fn all(parts: impl IntoIterator<Item = SimpleExpr>) -> Option<SimpleExpr> {
    parts.into_iter().reduce(ExprTrait::and)
}

/// Any of the parts; false where there are none.
fn any(parts: impl IntoIterator<Item = SimpleExpr>) -> SimpleExpr {
    parts.into_iter().reduce(ExprTrait::or).unwrap_or_else(|| Expr::value(false))
}

/// The start of a correlated subquery over rows that no role limits by themselves.
fn one_of(table: impl IntoTableRef) -> SelectStatement {
    Query::select().expr(Expr::value(1)).from(table).to_owned()
}
