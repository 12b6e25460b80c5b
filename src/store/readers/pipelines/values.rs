//! Converts bound values and result rows between the statement builder and the pipelines' driver.

use std::error::Error;

use bytes::BytesMut;
use sea_orm::Value;
use tokio_postgres::{
    Row, Statement,
    types::{FromSql, IsNull, ToSql, Type, to_sql_checked},
};

use super::Rows;

/// The types of bound values. `None` if there is one that no quick statement has.
pub(super) fn types(values: &[Value]) -> Option<Vec<Type>> {
    let kind = |value: &Value| match value {
        Value::Bool(_) => Some(Type::BOOL),
        Value::BigInt(_) => Some(Type::INT8),
        Value::String(_) => Some(Type::TEXT),
        _ => None,
    };
    values.iter().map(kind).collect()
}

/// Values in the form in which they are sent.
pub(super) fn bound(values: &[Value]) -> impl ExactSizeIterator<Item = Bound<'_>> {
    values.iter().map(Bound)
}

/// A bound value.
#[derive(Debug)]
pub(super) struct Bound<'v>(&'v Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Bool(value) => value.to_sql_checked(ty, out),
            Value::BigInt(value) => value.to_sql_checked(ty, out),
            Value::String(value) => value.as_deref().to_sql_checked(ty, out),
            _ => Err("the value has no type".into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The columns of a statement's rows.
pub(super) struct Columns(Vec<Column>);

#[derive(Clone, Copy)]
enum Column {
    Int8,
    Int4,
    Bool,
    Float8,
    Text,
}

impl Columns {
    pub(super) fn of(statement: &Statement) -> Self {
        let column = |column: &tokio_postgres::Column| match *column.type_() {
            Type::INT8 => Column::Int8,
            Type::INT4 => Column::Int4,
            Type::BOOL => Column::Bool,
            Type::FLOAT8 => Column::Float8,
            _ => Column::Text,
        };
        Self(statement.columns().iter().map(column).collect())
    }

    /// No rows yet.
    pub(super) fn rows(&self) -> Rows {
        Rows::new(self.0.len())
    }

    /// Adds a row. Fails if a column has a type that no projection has.
    pub(super) fn push(&self, rows: &mut Rows, row: &Row) -> Result<(), tokio_postgres::Error> {
        fn cell<'r, T: FromSql<'r>>(row: &'r Row, at: usize) -> Result<Option<T>, tokio_postgres::Error> {
            row.try_get(at)
        }
        for (at, column) in self.0.iter().enumerate() {
            match column {
                Column::Int8 => rows.push_int(cell(row, at)?),
                Column::Int4 => rows.push_int(cell::<i32>(row, at)?.map(i64::from)),
                Column::Bool => rows.push_int(cell::<bool>(row, at)?.map(i64::from)),
                Column::Float8 => rows.push_real(cell(row, at)?),
                Column::Text => rows.push_text(cell(row, at)?),
            }
        }
        Ok(())
    }
}
