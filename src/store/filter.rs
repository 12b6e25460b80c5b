//! Compiles filters to SQL: the only place where a predicate of `domain::filter` becomes a condition.
//!
//! SQL has three-valued logic: a comparison with NULL is neither true nor false. A condition here may be NULL where a value
//! is missing. `WHERE`, `AND` and `OR` treat NULL as false; a complement must too, so it is always built by [`negation`].
//! Relations are correlated subqueries. A table name in a subquery refers to the innermost occurrence of that table, and no
//! relation leads from a table to itself.

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

/// A collection that is stored in a table.
pub(super) trait Table: Collection {
    /// How a field is stored.
    fn stored(field: Self::Field, now: Timestamp, view: View) -> Stored;

    /// The condition of a relation; `None` if it is always true.
    fn related(relation: &Self::Relation, compiler: Compiler) -> Option<SimpleExpr>;

    /// The condition for a row to be listed at all; `None` if every row is.
    fn listed(include_deleted: bool) -> Option<SimpleExpr> {
        let _ = include_deleted;
        None
    }
}

/// The condition of a list, with its filter.
pub(super) fn condition<C: Table>(filter: &Filter<C>, view: View) -> Condition {
    let compiler = Compiler { view, now: filter.now, of_whole_tables: false };
    Condition::all().add_option(C::listed(filter.include_deleted)).add_option(compiler.condition(&filter.predicate))
}

/// Compiles predicates to SQL, for one view of the tables and one point in time.
#[derive(Clone, Copy)]
pub(super) struct Compiler {
    view: View,
    now: Timestamp,
    of_whole_tables: bool,
}

impl Compiler {
    /// A compiler for the rules of roles, which apply to whole tables. No rule depends on the time.
    pub(super) fn of_whole_tables(sql: Dialect) -> Self {
        Self { view: View::everything(sql), now: Timestamp::clamped(0), of_whole_tables: true }
    }

    /// Starts a correlated subquery over a table whose rows a role may restrict.
    pub(super) fn one_of<E: EntityTrait>(self, table: E) -> SelectStatement {
        if !self.of_whole_tables {
            return one_of(table);
        }
        let name = table.table_name().to_owned();
        Query::select().expr(Expr::value(1)).from_as(Alias::new(whole(&name)), Alias::new(name)).to_owned()
    }

    /// Compiles a predicate; `None` if it is always true.
    pub(super) fn condition<C: Table>(self, predicate: &Predicate<C>) -> Option<SimpleExpr> {
        match predicate {
            Predicate::All(parts) => all(parts.iter().filter_map(|part| self.condition(part))),
            Predicate::Any(parts) => {
                // One part that is always true makes the whole always true.
                let parts: Option<Vec<SimpleExpr>> = parts.iter().map(|part| self.condition(part)).collect();
                parts.map(any)
            }
            Predicate::Not(part) => Some(self.condition(part).map_or_else(|| Expr::value(false), negation)),
            Predicate::Field(field, test) => Some(C::stored(*field, self.now, self.view).passes(test, self.view.sql)),
            Predicate::Relation(relation) => C::related(relation, self),
        }
    }

    /// A to-one relation: `row` selects the related row, which must exist.
    pub(super) fn one<C: Table>(self, mut row: SelectStatement, predicate: &Predicate<C>) -> SimpleExpr {
        if let Some(part) = self.condition(predicate) {
            row.and_where(part);
        }
        Expr::exists(row)
    }

    /// A to-many relation: `rows` selects the related rows. They are looked up by their owner and then tested: without
    /// statistics, a planner considers an index on any other condition equally good, and would read the rows of all owners.
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

/// True where the condition is false or NULL.
pub(super) fn negation(condition: SimpleExpr) -> SimpleExpr {
    settled(condition).not()
}

/// The condition with NULL as false, in a form that uses no index.
fn settled(condition: SimpleExpr) -> SimpleExpr {
    Expr::expr(Func::coalesce([condition, Expr::value(false)]))
}

/// The conjunction of the parts; `None`, which means true, if there are none.
fn all(parts: impl IntoIterator<Item = SimpleExpr>) -> Option<SimpleExpr> {
    parts.into_iter().reduce(ExprTrait::and)
}

/// The disjunction of the parts; false if there are none.
fn any(parts: impl IntoIterator<Item = SimpleExpr>) -> SimpleExpr {
    parts.into_iter().reduce(ExprTrait::or).unwrap_or_else(|| Expr::value(false))
}

/// Starts a correlated subquery over a table whose rows no role restricts on its own.
fn one_of(table: impl IntoTableRef) -> SelectStatement {
    Query::select().expr(Expr::value(1)).from(table).to_owned()
}
