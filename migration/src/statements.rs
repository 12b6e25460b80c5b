//! Running statements that are written out as SQL.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

/// Runs statements one after the other.
pub(crate) async fn run(db: &DatabaseTransaction, statements: impl Iterator<Item = String>) -> Result<(), DbErr> {
    for statement in statements {
        db.execute_unprepared(&statement).await?;
    }
    Ok(())
}
