//! Tests only for SQLite. When the tests run on PostgreSQL they are skipped by name: `--skip sqlite::`.

mod plans;
mod upkeep;
