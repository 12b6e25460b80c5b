//! Tables whose rows are read and written as models, and bulk reads that need few statements.

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable,
    ModelTrait, QueryFilter, Select, Value, sea_query::ArrayType,
};

use super::{
    Error,
    cells::{self, Row},
};

/// The largest number of values in one `IN` list.
pub(super) const IN_LIST: usize = 500;

/// A table whose rows are written and read as models.
pub(super) trait Stored:
    EntityTrait<
        Model: IntoActiveModel<Self::ActiveModel> + TryFrom<Self::ActiveModel, Error = DbErr> + PartialEq + Sync,
        ActiveModel: ActiveModelBehavior + Send,
    >
{
}

impl<E> Stored for E
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + TryFrom<E::ActiveModel, Error = DbErr> + PartialEq + Sync,
    E::ActiveModel: ActiveModelBehavior + Send,
{
}

/// A source of rows: the readers' connections or a transaction.
pub(super) trait Rows: Sync {
    /// All rows of a select.
    fn all<E: Stored>(&self, select: Select<E>) -> impl Future<Output = Result<Vec<E::Model>, Error>> + Send;
}

impl<C: ConnectionTrait> Rows for C {
    async fn all<E: Stored>(&self, select: Select<E>) -> Result<Vec<E::Model>, Error> {
        Ok(select.all(self).await?)
    }
}

/// Models from rows of all columns in entity order.
pub(super) fn models<E: Stored>(rows: &cells::Rows) -> Result<Vec<E::Model>, Error> {
    rows.iter()
        .map(|row| {
            let mut model = <E::ActiveModel as ActiveModelTrait>::default();
            for (at, column) in E::Column::iter().enumerate() {
                let kind = <E::Model as ModelTrait>::get_value_type(column);
                model.try_set(column, value(&kind, row, at))?;
            }
            Ok(model.try_into()?)
        })
        .collect()
}

/// A cell converted to a column's type; null if its type differs.
fn value(kind: &ArrayType, row: Row<'_>, at: usize) -> Value {
    match kind {
        ArrayType::Bool => Value::Bool(row.int(at).map(|int| int != 0)),
        ArrayType::Int => Value::Int(row.int(at).and_then(|int| i32::try_from(int).ok())),
        ArrayType::BigInt => Value::BigInt(row.int(at)),
        ArrayType::Double => Value::Double(row.real(at)),
        ArrayType::String => Value::String(row.text(at).map(ToOwned::to_owned)),
        other => unreachable!("no table has a column of {other:?}"),
    }
}

/// All rows whose column has one of the values.
pub(super) async fn rows_in<E: Stored>(
    db: &impl Rows,
    column: E::Column,
    values: impl IntoIterator<Item = String>,
) -> Result<Vec<E::Model>, Error> {
    let values: Vec<String> = values.into_iter().collect();
    let mut rows = Vec::new();
    for chunk in values.chunks(IN_LIST) {
        rows.extend(db.all(E::find().filter(column.is_in(chunk.iter().map(String::as_str)))).await?);
    }
    Ok(rows)
}
