//! Row-level access: the only place where a [`Scope`] takes effect.
//!
//! A statement of a scoped reader starts with common table expressions that shadow the tables by name. Whatever the statement
//! reads (a list, a link, a relation within a filter, a count, a search), it sees only rows of the scope, and no statement can
//! omit this:
//!
//! ```text
//!   WITH all_conversation AS (the table), conversation AS (its rows in the scope), message AS (…), … SELECT … FROM conversation
//! ```
//!
//! Both databases inline these expressions, so indexes are used. The rules of a role see the whole tables (`all_…`). A link to a
//! hidden customer is NULL: `customer_id` has only visible links, and `customer_link` has every link, for the lists and
//! relations of visible customers.

use std::{borrow::Cow, convert::Infallible, fmt::Write as _, sync::Arc};

use entity::{conversation, customer, event, message, message_hour, message_quarter, message_total, ticket, total};
use quick_cache::sync::Cache;
use sea_orm::{
    ColumnTrait, EntityTrait, IdenStatic, Iterable, Statement, StatementBuilder, Value,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Query, SimpleExpr, Values},
};

use super::{
    dialect::Dialect,
    filter::Compiler,
    projection::counts::Total,
    readers::Scoping,
    view::{CUSTOMER_LINK, whole},
};
use crate::domain::scope::{Allowed, Restricted, Scope};

/// The views of a scope.
#[derive(Debug)]
struct Views {
    sql: Dialect,
    /// Whole tables, by the names that rules use for them.
    whole: Vec<(String, String)>,
    /// The expressions that shadow tables.
    rows: Vec<(String, Statement)>,
}

impl Views {
    /// Builds the views of a scope.
    fn of(scope: &Scope, sql: Dialect) -> Self {
        let mut views = Self { sql, whole: Vec::new(), rows: Vec::new() };
        if let Scope::Role(allowed) = scope {
            views.define(allowed);
        }
        views
    }

    fn define(&mut self, allowed: &Allowed) {
        let compiler = Compiler::of_whole_tables(self.sql);
        self.whole::<conversation::Entity>();
        self.whole::<message::Entity>();
        self.whole::<customer::Entity>();
        self.whole::<ticket::Entity>();
        let Allowed { conversations, customers, tickets, events, .. } = allowed;
        let sql = self.sql;
        let seen = |link: SimpleExpr| {
            let mut row = compiler.one_of(customer::Entity);
            row.and_where(customer::Column::Id.into_expr().eq(link));
            sql.row_by_row(&mut row);
            customers.as_ref().map(|rule| compiler.one(row, rule))
        };
        if conversations.is_some() || customers.is_some() {
            let rule = conversations.as_ref();
            let condition = rule.and_then(|rule| compiler.condition(rule));
            let link = conversation::Column::CustomerId;
            self.put::<conversation::Entity>(condition, seen(link.into_expr()).map(|seen| (link, seen)));
            // A message is visible if its conversation is.
            let condition = rule.map(|rule| {
                let id = conversation::Column::Id.into_expr().eq(message::Column::ConversationId.into_expr());
                compiler.one(compiler.one_of(conversation::Entity).and_where(id).to_owned(), rule)
            });
            let link = message::Column::CustomerId;
            self.put::<message::Entity>(condition, seen(link.into_expr()).map(|seen| (link, seen)));
        }
        if let Some(rule) = customers {
            self.put::<customer::Entity>(compiler.condition(rule), None);
        }
        if let Some(rule) = tickets {
            self.put::<ticket::Entity>(compiler.condition(rule), None);
        }
        if !events {
            self.whole::<event::Entity>();
            self.put::<event::Entity>(Some(Expr::value(false)), None);
        }
        // The counts of all rows would reveal hidden rows. Scoped readers do not use them; if one did, it would find none.
        let of = |is_hidden: bool, totals: &[Total]| {
            if is_hidden { totals.iter().map(|total| total.name()).collect() } else { vec![] }
        };
        let hidden = [
            of(customers.is_some(), &[Total::Customers, Total::DeletedCustomers]),
            of(conversations.is_some(), &[Total::Conversations]),
            of(tickets.is_some(), &[Total::Tickets, Total::DeletedTickets]),
            of(!events, &[Total::Events]),
        ];
        self.whole::<total::Entity>();
        self.put::<total::Entity>(Some(total::Column::Name.is_not_in(hidden.concat())), None);
        if conversations.is_some() {
            self.hide::<message_hour::Entity>();
            self.hide::<message_quarter::Entity>();
            self.hide::<message_total::Entity>();
        }
    }

    /// Makes a whole table available to rules.
    fn whole<E: EntityTrait>(&mut self) {
        let table = E::default();
        let table = table.table_name();
        let rows = match self.sql {
            // Without the schema, the name would mean the view. `total` has no row numbers to select.
            Dialect::Sqlite if table == "total" => format!("SELECT * FROM main.\"{table}\""),
            Dialect::Sqlite => format!("SELECT rowid AS rowid, * FROM main.\"{table}\""),
            // A CTE does not see CTEs defined after it.
            Dialect::Postgres => format!("SELECT * FROM \"{table}\""),
        };
        self.whole.push((format!("\"{}\"", whole(table)), rows));
    }

    /// Shadows a table with its rows that match a condition. A link is NULL where its own condition does not hold.
    fn put<E: EntityTrait>(&mut self, condition: Option<SimpleExpr>, link: Option<(E::Column, SimpleExpr)>) {
        let table = E::default().table_name().to_owned();
        let (all, name) = (Alias::new(whole(&table)), Alias::new(&table));
        let mut rows = Query::select();
        rows.from_as(all, name.clone());
        rows.and_where_option(condition);
        match link {
            None => {
                rows.column((name, Asterisk));
            }
            Some((link, is_seen)) => {
                let others = E::Column::iter().map(|column| column.as_str().to_owned()).filter(|column| column != link.as_str());
                let own: &[&str] = match self.sql {
                    Dialect::Sqlite => &["rowid", "row_id"],
                    Dialect::Postgres => &["words"],
                };
                for column in others.chain(own.iter().map(|column| (*column).to_owned())) {
                    rows.column((name.clone(), Alias::new(column)));
                }
                rows.expr_as(Expr::case(is_seen, link.into_expr()), Alias::new(link.as_str()));
                rows.expr_as(link.into_expr(), Alias::new(CUSTOMER_LINK));
            }
        }
        let backend = self.sql.backend();
        self.rows.push((table, StatementBuilder::build(&rows, &backend)));
    }

    /// Shadows a table with an empty one.
    fn hide<E: EntityTrait>(&mut self) {
        let columns = E::Column::iter().map(|column| format!("NULL AS \"{}\"", column.as_str()));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let nothing = Statement::from_string(self.sql.backend(), format!("SELECT {columns} WHERE FALSE"));
        self.rows.push((E::default().table_name().to_owned(), nothing));
    }

    /// Prepends the views that a statement needs.
    fn put_before(&self, statement: &mut Statement) {
        let needed: Vec<&(String, Statement)> =
            self.rows.iter().filter(|(table, _)| statement.sql.contains(table.as_str())).collect();
        if needed.is_empty() {
            return;
        }
        let mut views = Vec::new();
        for (name, rows) in &self.whole {
            if needed.iter().any(|(_, view)| view.sql.contains(name)) {
                views.push(format!("{name} AS NOT MATERIALIZED ({rows})"));
            }
        }
        let own = statement.values.take().map_or_else(Vec::new, |values| values.0);
        let mut values: Vec<Value> = Vec::new();
        for (table, view) in needed {
            // PostgreSQL's parameters are numbered, and the statement's keep their numbers.
            let rows = match self.sql {
                Dialect::Postgres => Cow::Owned(renumbered(&view.sql, own.len() + values.len())),
                Dialect::Sqlite => Cow::Borrowed(view.sql.as_str()),
            };
            views.push(format!("\"{table}\" AS NOT MATERIALIZED ({rows})"));
            values.extend(view.values.iter().flat_map(|values| values.0.iter().cloned()));
        }
        let views = views.join(", ");
        statement.sql = match statement.sql.strip_prefix("WITH ") {
            Some(rest) => format!("WITH {views}, {rest}"),
            None => format!("WITH {views} {}", statement.sql),
        };
        let all = match self.sql {
            Dialect::Postgres => own.into_iter().chain(values).collect(),
            Dialect::Sqlite => values.into_iter().chain(own).collect(),
        };
        statement.values = Some(Values(all));
    }
}

/// A cache of the views of recently used scopes.
#[derive(Debug)]
pub(super) struct ViewsOfScopes(Cache<Scope, Arc<Views>>);

/// The number of cached scopes: staff members times roles.
const SCOPES: usize = 2_000;

impl Default for ViewsOfScopes {
    fn default() -> Self {
        Self(Cache::new(SCOPES))
    }
}

impl ViewsOfScopes {
    /// The views of a scope; `None` if it hides no row.
    pub(super) fn of(&self, scope: &Scope, sql: Dialect) -> Option<Scoping> {
        if scope.restricted() == Restricted::default() {
            return None;
        }
        let views = self.0.get_or_insert_with(scope, || Ok::<_, Infallible>(Arc::new(Views::of(scope, sql))));
        let views = views.unwrap_or_else(|never| match never {});
        Some(Arc::new(move |statement| views.put_before(statement)))
    }
}

/// Increases the numbers of a text's PostgreSQL parameters (`$1`, `$2`, …).
fn renumbered(sql: &str, shift: usize) -> String {
    let mut parts = sql.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        let number: usize = part[..digits].parse().expect("only parameters begin with a dollar sign");
        let _ = write!(text, "${}{}", number + shift, &part[digits..]);
    }
    text
}
