//! Executes statements written as SQL.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

/// Executes statements one after the other.
pub(crate) async fn run(db: &DatabaseTransaction, statements: impl Iterator<Item = String>) -> Result<(), DbErr> {
    for statement in statements {
        db.execute_unprepared(&statement).await?;
    }
    Ok(())
}
