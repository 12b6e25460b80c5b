//! Reads the rows of many ids in few statements.

use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, Select};

use super::{Error, readers::Source, write::Stored};

/// Values in one `IN` list.
pub(super) const IN_LIST: usize = 500;

/// Where rows are read from: what readers read from, or a transaction.
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
