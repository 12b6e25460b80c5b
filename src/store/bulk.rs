//! Tables whose rows are read and written as models, and bulk reads that need few statements.

use sea_orm::{ActiveModelBehavior, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, Select};

use super::{Error, readers::Source};

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

impl Rows for Source {
    async fn all<E: Stored>(&self, select: Select<E>) -> Result<Vec<E::Model>, Error> {
        self.select(select.into_model::<E::Model>()).await
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
