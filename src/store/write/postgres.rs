//! Writes to PostgreSQL: a statement gets its rows as arrays, one per column. They are written as array literals, since the
//! driver of sea-query does not support arrays with NULL.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait, FromQueryResult, IntoActiveModel,
    IsolationLevel, Iterable, Statement, StatementBuilder, TransactionOptions, TransactionTrait, Value, sea_query::ArrayType,
};

use super::{
    super::{Error, bulk::Stored, cells::Rows, lock, notifications, postgres::rows, search::row::SearchedRow},
    table::{Upsert, columns, kind, on_conflict, quoted},
};

pub(super) async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, Error> {
    // Statements after acquiring the lock must see what was committed during the wait.
    let isolation_level = Some(IsolationLevel::ReadCommitted);
    let db = db.begin_with_options(TransactionOptions { isolation_level, ..TransactionOptions::default() }).await?;
    lock::write_alone(&db).await?;
    Ok(db)
}

pub(super) async fn rows_in<E: Stored>(
    db: &DatabaseTransaction,
    column: E::Column,
    values: Vec<Value>,
) -> Result<Vec<E::Model>, Error> {
    let values = Value::Array(kind::<E>(column), Some(Box::new(values)));
    let (columns, table, column) = (columns::<E>(), E::default(), quoted(&column));
    let sql = format!("SELECT {columns} FROM \"{}\" WHERE {column} = ANY($1)", table.table_name());
    Ok(E::Model::find_by_statement(statement(sql, [values])).all(db).await?)
}

pub(super) async fn delete_in<E: EntityTrait>(
    db: &DatabaseTransaction,
    column: E::Column,
    values: Vec<String>,
) -> Result<(), Error> {
    let (table, column) = (E::default(), quoted(&column));
    let sql = format!("DELETE FROM \"{}\" WHERE {column} = ANY($1)", table.table_name());
    db.execute_raw(statement(sql, [values.into()])).await?;
    Ok(())
}

pub(super) async fn write<E: Stored>(
    db: &DatabaseTransaction,
    rows: Vec<E::Model>,
    upsert: Option<Upsert<E::Column>>,
    words: Option<Vec<String>>,
) -> Result<(), Error> {
    let mut rows: Vec<E::ActiveModel> = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    let (mut types, mut arrays) = (Vec::new(), Vec::new());
    for column in E::Column::iter() {
        types.push(format!("${}::text::{}[]", types.len() + 1, type_name(&kind::<E>(column))));
        let values = rows.iter_mut().filter_map(|row| sea_orm::ActiveModelTrait::take(row, column).into_value());
        arrays.push(array(values));
    }
    let (mut columns, mut on_conflict) = (columns::<E>(), on_conflict::<E>(upsert));
    if let Some(words) = words {
        types.push(format!("${}::text::text[]", types.len() + 1));
        arrays.push(array(words.into_iter().map(Value::from)));
        columns += ", words";
        on_conflict += ", words = excluded.words";
    }
    let (table, types) = (E::default(), types.join(", "));
    let sql = format!("INSERT INTO \"{}\" ({columns}) SELECT * FROM UNNEST({types}){on_conflict}", table.table_name());
    db.execute_raw(statement(sql, arrays)).await?;
    Ok(())
}

/// Writes rows with their search words.
pub(super) async fn save<E: SearchedRow>(db: &DatabaseTransaction, rows: Vec<(Option<E::Model>, E::Model)>) -> Result<(), Error> {
    let rows: Vec<E::Model> = rows.into_iter().map(|(_, now)| now).collect();
    let words = rows.iter().map(E::words).collect();
    write::<E>(db, rows, Some(Upsert::Replace), Some(words)).await
}

pub(super) async fn query(db: &DatabaseTransaction, statement: &impl StatementBuilder) -> Result<Rows, Error> {
    rows(&db.query_all_raw(statement.build(&DbBackend::Postgres)).await?)
}

pub(super) async fn execute(db: &DatabaseTransaction, statement: &impl StatementBuilder) -> Result<(), Error> {
    db.execute_raw(statement.build(&DbBackend::Postgres)).await?;
    Ok(())
}

pub(super) async fn notify(db: &DatabaseTransaction, channel: &'static str, news: String) -> Result<(), Error> {
    notifications::notify(db, channel, news).await
}

/// A PostgreSQL array literal.
fn array(values: impl Iterator<Item = Value>) -> Value {
    let mut literal = String::from("{");
    for value in values {
        if literal.len() > 1 {
            literal.push(',');
        }
        match value {
            Value::Bool(Some(value)) => literal.push(if value { 't' } else { 'f' }),
            Value::Int(Some(value)) => literal += &value.to_string(),
            Value::BigInt(Some(value)) => literal += &value.to_string(),
            Value::Double(Some(value)) => literal += &value.to_string(),
            Value::String(Some(text)) => {
                literal.push('"');
                for letter in text.chars() {
                    if matches!(letter, '"' | '\\') {
                        literal.push('\\');
                    }
                    literal.push(letter);
                }
                literal.push('"');
            }
            _ => literal += "NULL",
        }
    }
    literal.push('}');
    literal.into()
}

fn statement(sql: String, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

fn type_name(kind: &ArrayType) -> &'static str {
    match kind {
        ArrayType::Bool => "boolean",
        ArrayType::Int => "integer",
        ArrayType::BigInt => "bigint",
        ArrayType::Double => "double precision",
        ArrayType::String => "text",
        other => unreachable!("no table has a column of {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_literal_has_every_value() {
        let texts = [Some("a"), None, Some(""), Some("NULL"), Some("\"q\" \\ {1,2}\n đ")];
        let texts = texts.map(|text| Value::String(text.map(str::to_owned)));
        assert_eq!(array(texts.into_iter()), Value::from("{\"a\",NULL,\"\",\"NULL\",\"\\\"q\\\" \\\\ {1,2}\n đ\"}"));
        let numbers = [Value::BigInt(Some(-1)), Value::BigInt(None), Value::Bool(Some(true)), Value::Double(Some(0.1))];
        assert_eq!(array(numbers.into_iter()), Value::from("{-1,NULL,t,0.1}"));
        assert_eq!(array(std::iter::empty()), Value::from("{}"));
    }
}
