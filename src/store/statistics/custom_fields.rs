//! The keys of custom fields, with the number of customers that have each, except deleted customers.
//!
//! A reader who sees all customers gets the counts of all rows, from an index on the key, minus those of deleted customers, who
//! are few. A reader who sees some customers gets the counts of their rows, found by customer.

use entity::{custom_field, customer};
use sea_orm::{
    ColumnTrait, DbErr, JoinType, QueryResult,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, Order, Query, SelectStatement, SimpleExpr},
};

use super::{Error, Reader};
use crate::{
    domain::{
        filter::Customers,
        statistics::{CustomFieldKey, MAX_ROWS},
        text,
    },
    store::filter::{Table, negation},
};

const KEY: &str = "by_key";
const CUSTOMERS: &str = "customers";
const NUMBERS: &str = "numbers";
const ALL: &str = "all_fields";
const DELETED: &str = "deleted_fields";

impl Reader {
    /// The keys that contain a text, ignoring case and diacritics: up to `limit`, the most used first. Only the 10,000 most used
    /// keys are searched.
    pub async fn custom_field_keys(&self, search: &str, limit: usize) -> Result<Vec<CustomFieldKey>, Error> {
        let listed = <Customers as Table>::listed(false).unwrap_or_else(|| Expr::value(true));
        let mut keys = if self.view().restricted.customers {
            of_customers(listed)
        } else {
            let deleted = of_customers(negation(listed));
            without(Query::select().from(custom_field::Entity).to_owned(), deleted)
        };
        keys.order_by(Alias::new(CUSTOMERS), Order::Desc).order_by(Alias::new(KEY), Order::Asc).limit(MAX_ROWS as u64);
        let rows = self.db().query_all(&keys).await?;
        let needle = text::fold(search);
        let mut found = Vec::new();
        for row in &rows {
            if found.len() == limit {
                break;
            }
            let key = key(row)?;
            if text::fold(&key.key).contains(&needle) {
                found.push(key);
            }
        }
        Ok(found)
    }
}

/// The key counts of the customers that match a condition. The cross join makes SQLite start with the customers; otherwise it
/// would scan all fields and look each customer up.
fn of_customers(condition: SimpleExpr) -> SelectStatement {
    let of_it = custom_field::Column::CustomerId.into_expr().eq(customer::Column::Id.into_expr());
    let mut fields = Query::select();
    fields.from(customer::Entity).cross_join(custom_field::Entity).and_where(of_it).and_where(condition);
    counted(fields)
}

/// Counts the fields of a select by key. The select has no output columns yet.
fn counted(mut fields: SelectStatement) -> SelectStatement {
    fields
        .expr_as(custom_field::Column::Key.into_expr(), Alias::new(KEY))
        .expr_as(Expr::col(Asterisk).count(), Alias::new(CUSTOMERS))
        .expr_as(custom_field::Column::Number.into_expr().count(), Alias::new(NUMBERS))
        .add_group_by([custom_field::Column::Key.into_expr()])
        .take()
}

/// The counts of all fields minus the given counts.
fn without(all: SelectStatement, less: SelectStatement) -> SelectStatement {
    let of = |table: &'static str, column: &'static str| Expr::col((Alias::new(table), Alias::new(column)));
    let left = |column| of(ALL, column).sub(Func::coalesce([of(DELETED, column), Expr::value(0_i64)]));
    Query::select()
        .expr_as(of(ALL, KEY), Alias::new(KEY))
        .expr_as(left(CUSTOMERS), Alias::new(CUSTOMERS))
        .expr_as(left(NUMBERS), Alias::new(NUMBERS))
        .from_subquery(counted(all), Alias::new(ALL))
        .join_subquery(JoinType::LeftJoin, less, Alias::new(DELETED), of(ALL, KEY).eq(of(DELETED, KEY)))
        .and_where(left(CUSTOMERS).gt(0))
        .take()
}

fn key(row: &QueryResult) -> Result<CustomFieldKey, DbErr> {
    let (customers, numbers): (i64, i64) = (row.try_get("", CUSTOMERS)?, row.try_get("", NUMBERS)?);
    Ok(CustomFieldKey { key: row.try_get("", KEY)?, customers, is_numeric: numbers == customers })
}
