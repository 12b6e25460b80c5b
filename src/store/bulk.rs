//! Reads and writes many rows in few statements, within the databases' limits on bound values.

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IdenStatic, IntoActiveModel, Iterable,
    PrimaryKeyToColumn, QueryFilter, Select,
    sea_query::{Alias, Expr, ExprTrait, OnConflict},
};

use super::{Error, readers::Source};

/// Values in one `IN` list.
pub(super) const IN_LIST: usize = 500;

/// Bound values in one statement: SQLite takes 32,766, PostgreSQL twice as many.
const BOUND_VALUES: usize = 30_000;

/// Where rows are read from: a connection of the gateway's own, or what readers read from.
pub(super) trait Rows: Sync {
    /// All rows of a select.
    fn all<E: EntityTrait>(&self, select: Select<E>) -> impl Future<Output = Result<Vec<E::Model>, Error>> + Send;
}

impl<C: ConnectionTrait> Rows for C {
    async fn all<E: EntityTrait>(&self, select: Select<E>) -> Result<Vec<E::Model>, Error> {
        Ok(select.all(self).await?)
    }
}

impl Rows for Source {
    async fn all<E: EntityTrait>(&self, select: Select<E>) -> Result<Vec<E::Model>, Error> {
        self.select(select.into_model::<E::Model>()).await
    }
}

/// All rows whose column has one of the values.
pub(super) async fn rows_in<E: EntityTrait>(
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

/// Deletes all rows whose column has one of the values.
pub(super) async fn delete_in<E: EntityTrait>(
    db: &impl ConnectionTrait,
    column: E::Column,
    values: &[String],
) -> Result<(), Error> {
    for chunk in values.chunks(IN_LIST) {
        E::delete_many().filter(column.is_in(chunk.iter().map(String::as_str))).exec(db).await?;
    }
    Ok(())
}

/// Inserts rows that are known to be new.
pub(super) async fn insert<E>(db: &impl ConnectionTrait, rows: Vec<E::Model>) -> Result<(), Error>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelBehavior + Send,
{
    write::<E>(db, rows, None).await
}

/// Inserts rows, or replaces those with the same key.
pub(super) async fn upsert<E>(db: &impl ConnectionTrait, rows: Vec<E::Model>) -> Result<(), Error>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelBehavior + Send,
{
    let key: Vec<E::Column> = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect();
    let is_key = |column: &E::Column| key.iter().any(|part| part.as_str() == column.as_str());
    let others: Vec<E::Column> = E::Column::iter().filter(|column| !is_key(column)).collect();
    let mut conflict = OnConflict::columns(key.iter().copied());
    if others.is_empty() {
        conflict.do_nothing();
    } else {
        conflict.update_columns(others);
    }
    write::<E>(db, rows, Some(conflict)).await
}

/// Inserts rows with a count, or adds their counts to the rows with the same keys.
pub(super) async fn add<E>(db: &impl ConnectionTrait, count: E::Column, rows: Vec<E::Model>) -> Result<(), Error>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelBehavior + Send,
{
    let mut conflict = OnConflict::columns(E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column));
    let new = Expr::col((Alias::new("excluded"), count));
    conflict.value(count, count.into_expr().add(new));
    write::<E>(db, rows, Some(conflict)).await
}

async fn write<E>(db: &impl ConnectionTrait, rows: Vec<E::Model>, conflict: Option<OnConflict>) -> Result<(), Error>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelBehavior + Send,
{
    let per_statement = BOUND_VALUES / E::Column::iter().count();
    let mut rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).peekable();
    while rows.peek().is_some() {
        let mut insert = E::insert_many(rows.by_ref().take(per_statement));
        if let Some(conflict) = &conflict {
            insert = insert.on_conflict(conflict.clone());
        }
        insert.exec_without_returning(db).await?;
    }
    Ok(())
}
