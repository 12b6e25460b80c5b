//! The columns of tables, in entity order.

use sea_orm::{EntityTrait, IdenStatic, Iterable, ModelTrait, PrimaryKeyToColumn, sea_query::ArrayType};

/// What to do with a row whose key already exists.
#[derive(Clone, Copy)]
pub(super) enum Upsert<C> {
    /// Replace all other columns.
    Replace,
    /// Add the new count to the stored one.
    Add(C),
}

/// The names of all columns, quoted and separated by commas.
pub(super) fn columns<E: EntityTrait>() -> String {
    E::Column::iter().map(|column| quoted(&column)).collect::<Vec<_>>().join(", ")
}

/// The columns of the key.
pub(super) fn key<E: EntityTrait>() -> Vec<E::Column> {
    E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect()
}

/// The type of a column.
pub(super) fn kind<E: EntityTrait>(column: E::Column) -> ArrayType {
    <E::Model as ModelTrait>::get_value_type(column)
}

/// The `ON CONFLICT` clause of an `INSERT`.
pub(super) fn on_conflict<E: EntityTrait>(upsert: Option<Upsert<E::Column>>) -> String {
    let Some(upsert) = upsert else { return String::new() };
    let key: Vec<String> = key::<E>().iter().map(quoted).collect();
    let table = E::default();
    let sets: Vec<String> = match upsert {
        Upsert::Replace => {
            let others = E::Column::iter().map(|column| quoted(&column)).filter(|name| !key.contains(name));
            others.map(|name| format!("{name} = excluded.{name}")).collect()
        }
        Upsert::Add(count) => {
            let (table, count) = (table.table_name(), quoted(&count));
            vec![format!("{count} = \"{table}\".{count} + excluded.{count}")]
        }
    };
    let then = if sets.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", sets.join(", ")) };
    format!(" ON CONFLICT ({}) DO {then}", key.join(", "))
}

/// The name of a column as SQL.
pub(super) fn quoted(column: &impl IdenStatic) -> String {
    format!("\"{}\"", column.as_str())
}
