//! Uses PostgreSQL's own driver: begins transactions, reads rows, and keeps the plans of prepared statements.

use std::{fmt::Write, sync::Arc};

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, QueryResult, RuntimeErr, Statement, TransactionTrait, Value, Values,
    sqlx::{self, Column as _, Row as _, TypeInfo as _, postgres::PgRow},
};

use super::{Error, cells::Rows};

/// Begins a transaction, in a task that always runs to completion. If the caller were dropped during `BEGIN`, the driver would
/// not roll back, and later users of the connection would read that old snapshot.
pub(super) async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, Error> {
    let db = db.clone();
    let begun = tokio::spawn(async move { db.begin().await });
    Ok(begun.await.map_err(|error| Error::Abandoned(error.to_string()))??)
}

/// When PostgreSQL plans a prepared statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Planned {
    /// For each request with its values, unless it estimates one plan for all values as no worse.
    ByEstimate,
    /// Once, since one plan is best for all values: it reads a few rows through one index. Such a statement is quick enough to
    /// share a connection (`readers::Pipelines`).
    Once,
}

/// Writes the limits of a statement into its text, and for a statement to be [planned once](Planned::Once) hides its values
/// from the planner.
///
/// PostgreSQL reuses one plan for all values of a prepared statement if it estimates it as no worse than a plan for the given
/// values. It can't estimate this for an unknown limit, and would plan every time. With the values in sub-selects, both estimates
/// are equal. A statement with a pattern must be planned every time, since the pattern decides which index is best.
pub(super) fn prepare(statement: &mut Statement, planned: Planned) {
    const LIMIT: &str = "LIMIT ";
    if statement.sql.contains(" LIKE ") {
        return;
    }
    let Some(Values(values)) = statement.values.take() else { return };
    let mut sql = String::with_capacity(statement.sql.len());
    let mut kept = Vec::with_capacity(values.len());
    let mut quote = None;
    let mut rest = statement.sql.as_str();
    while let Some(at) = rest.find(['$', '\'', '"']) {
        let (before, found) = rest.split_at(at);
        sql.push_str(before);
        let mark = found.as_bytes()[0];
        rest = &found[1..];
        if mark != b'$' || quote.is_some() {
            match quote {
                None => quote = Some(mark),
                Some(open) if open == mark => quote = None,
                Some(_) => {}
            }
            sql.push(char::from(mark));
            continue;
        }
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let value = rest[..digits].parse::<usize>().ok().and_then(|number| values.get(number.checked_sub(1)?));
        rest = &rest[digits..];
        match value {
            Some(Value::BigUnsigned(Some(limit))) if sql.ends_with(LIMIT) => sql += &limit.to_string(),
            Some(value) => {
                kept.push(value.clone());
                let place = kept.len();
                // Writing to a text can't fail.
                let _ = match planned {
                    Planned::ByEstimate => write!(sql, "${place}"),
                    Planned::Once => write!(sql, "(SELECT ${place})"),
                };
            }
            None => sql.push('$'),
        }
    }
    sql.push_str(rest);
    (statement.sql, statement.values) = (sql, Some(Values(kept)));
}

/// The rows of a result.
pub(super) fn rows(results: &[QueryResult]) -> Result<Rows, Error> {
    let Some(first) = results.first().and_then(QueryResult::try_as_pg_row) else { return Ok(Rows::default()) };
    let kinds: Vec<Kind> = first.columns().iter().map(|column| Kind::named(column.type_info().name())).collect();
    let mut rows = Rows::new(kinds.len());
    for row in results.iter().filter_map(QueryResult::try_as_pg_row) {
        for (at, kind) in kinds.iter().enumerate() {
            kind.push(&mut rows, row, at).map_err(|error| DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))))?;
        }
    }
    Ok(rows)
}

/// The estimated number of rows in a plan.
pub(super) fn guessed_rows(plan: &[QueryResult]) -> Option<i64> {
    let text: &str = plan.first()?.try_as_pg_row()?.try_get_unchecked(0).ok()?;
    let plan: serde_json::Value = serde_json::from_str(text).ok()?;
    plan.pointer("/0/Plan/Plan Rows")?.as_i64()
}

/// The type of a result column.
#[derive(Clone, Copy)]
enum Kind {
    Int8,
    Int4,
    Bool,
    Float8,
    Text,
}

impl Kind {
    fn named(name: &str) -> Self {
        match name {
            "INT8" => Self::Int8,
            "INT4" => Self::Int4,
            "BOOL" => Self::Bool,
            "FLOAT8" => Self::Float8,
            _ => Self::Text,
        }
    }

    fn push(self, rows: &mut Rows, row: &PgRow, at: usize) -> Result<(), sqlx::Error> {
        match self {
            Self::Int8 => rows.push_int(row.try_get_unchecked(at)?),
            Self::Int4 => rows.push_int(row.try_get_unchecked::<Option<i32>, _>(at)?.map(i64::from)),
            Self::Bool => rows.push_int(row.try_get_unchecked::<Option<bool>, _>(at)?.map(i64::from)),
            Self::Float8 => rows.push_real(row.try_get_unchecked(at)?),
            Self::Text => rows.push_text(row.try_get_unchecked(at)?),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::DbBackend;

    use super::*;

    #[test]
    fn limits_are_written_out_and_other_values_stay_bound() {
        let sql = r#"SELECT "a$1" FROM "t" WHERE "x" = $1 AND "y" = '$2' AND "z" > $2 LIMIT $3 UNION ALL SELECT $4 LIMIT $5"#;
        let values = [Value::from("x"), Value::from(7_i64), Value::from(51_u64), Value::from(true), Value::from(2_u64)];
        let mut statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values.clone());
        prepare(&mut statement, Planned::ByEstimate);
        let expected = r#"SELECT "a$1" FROM "t" WHERE "x" = $1 AND "y" = '$2' AND "z" > $2 LIMIT 51 UNION ALL SELECT $3 LIMIT 2"#;
        assert_eq!(statement.sql, expected);
        assert_eq!(statement.values.unwrap().0, [values[0].clone(), values[1].clone(), values[3].clone()]);

        let sql = r#"SELECT "a" FROM "t" WHERE "x" = $1 AND ("y", "z") > ($2, $3) LIMIT $4"#;
        let values = [Value::from("x"), Value::from(7_i64), Value::from("z"), Value::from(51_u64)];
        let mut statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values.clone());
        prepare(&mut statement, Planned::Once);
        let expected = r#"SELECT "a" FROM "t" WHERE "x" = (SELECT $1) AND ("y", "z") > ((SELECT $2), (SELECT $3)) LIMIT 51"#;
        assert_eq!(statement.sql, expected);
        assert_eq!(statement.values.unwrap().0, values[..3]);
    }
}
