//! The migrations of the database, one file each, applied in order.
//!
//! A migration never changes once it is released, and never names `entity`, whose models are those of the newest migration.

pub use sea_orm_migration::prelude::*;

mod m0001_first;
mod m0002_postgres;
mod m0002_search;
mod statements;

/// All migrations.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_first::Migration), Box::new(m0002_search::Migration)]
    }
}
