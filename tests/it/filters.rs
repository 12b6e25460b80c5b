//! Filters: for random data, every response equals plain evaluation of the filter in memory; and each rule of their meaning has
//! a test.
//!
//! `differential` compares lists with `evaluate`, which was written from the contract alone, over objects that `world` reads
//! through the API without filters. `live` compares subscriptions, whose filters are evaluated in memory, with lists.

mod counted;
mod data;
mod differential;
mod draw;
mod evaluate;
mod live;
mod live_pages;
mod meaning;
mod refusals;
mod scoped;
mod vocabulary;
mod world;
