//! What the tables look like to a reader: the one place where a [`Scope`] takes effect.
//!
//! A statement of a reader with a scope begins with common table expressions that stand in front of the tables and have their
//! names. So whatever a statement reads (a list, a link, a relation within a filter, a count, a search), it sees only the rows
//! of the scope, and no statement can be written that forgets it:
//!
//! ```text
//!   WITH all_conversation AS (the table), conversation AS (its rows in the scope), message AS (…), … SELECT … FROM conversation
//! ```
//!
//! Both databases put these expressions into the statement as if they had been written there, so that indexes serve them. The
//! rules of a role see the whole tables (`all_…`). A link to a hidden customer is NULL: `customer_id` has only what may be
//! seen, and `customer_link` has the link itself, for the lists and relations of a customer that is seen.

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
    /// Whole tables, by the names that rules have for them.
    whole: Vec<(String, String)>,
    /// What stands in front of tables.
    rows: Vec<(String, Statement)>,
}

impl Views {
    /// The views of a scope.
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
        let seen = |link: SimpleExpr| {
            let row = compiler.one_of(customer::Entity).and_where(customer::Column::Id.into_expr().eq(link.clone())).to_owned();
            customers.as_ref().map(|rule| compiler.one(row, rule))
        };
        if conversations.is_some() || customers.is_some() {
            let rule = conversations.as_ref();
            let condition = rule.and_then(|rule| compiler.condition(rule));
            let link = conversation::Column::CustomerId;
            self.put::<conversation::Entity>(condition, seen(link.into_expr()).map(|seen| (link, seen)));
            // A message is seen where its conversation is.
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
        // Counts of all rows tell nothing of those in the scope. Readers do not ask for them; if one did, there are none.
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

    /// Lets rules see a whole table.
    fn whole<E: EntityTrait>(&mut self) {
        let table = E::default();
        let table = table.table_name();
        let rows = match self.sql {
            // Without the schema the name would be that of the view. Lists are read by row numbers, which totals do not have.
            Dialect::Sqlite if table == "total" => format!("SELECT * FROM main.\"{table}\""),
            Dialect::Sqlite => format!("SELECT rowid AS rowid, * FROM main.\"{table}\""),
            // What is defined later is not seen here.
            Dialect::Postgres => format!("SELECT * FROM \"{table}\""),
        };
        self.whole.push((format!("\"{}\"", whole(table)), rows));
    }

    /// Puts the rows that fulfil a condition in front of a table. A link is NULL where its condition does not hold.
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

    /// Puts a table without rows in front of one.
    fn hide<E: EntityTrait>(&mut self) {
        let columns = E::Column::iter().map(|column| format!("NULL AS \"{}\"", column.as_str()));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let nothing = Statement::from_string(self.sql.backend(), format!("SELECT {columns} WHERE FALSE"));
        self.rows.push((E::default().table_name().to_owned(), nothing));
    }

    /// Puts the views that a statement needs in front of it.
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
            // The parameters of PostgreSQL have numbers, and those of the statement keep theirs.
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

/// The views of the scopes that were read with last.
#[derive(Debug)]
pub(super) struct ViewsOfScopes(Cache<Scope, Arc<Views>>);

/// Scopes whose views are kept: staff members times roles.
const SCOPES: usize = 2_000;

impl Default for ViewsOfScopes {
    fn default() -> Self {
        Self(Cache::new(SCOPES))
    }
}

impl ViewsOfScopes {
    /// The views of a scope; `None` where it hides no row.
    pub(super) fn of(&self, scope: &Scope, sql: Dialect) -> Option<Scoping> {
        if scope.restricted() == Restricted::default() {
            return None;
        }
        let views = self.0.get_or_insert_with(scope, || Ok::<_, Infallible>(Arc::new(Views::of(scope, sql))));
        let views = views.unwrap_or_else(|never| match never {});
        Some(Arc::new(move |statement| views.put_before(statement)))
    }
}

/// A text with PostgreSQL's parameters `$1`, `$2`, … moved up.
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
