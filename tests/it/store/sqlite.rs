//! What is SQLite's alone. Where the tests run on PostgreSQL these are filtered out by name: `--skip sqlite::`.

mod plans;
mod upkeep;
