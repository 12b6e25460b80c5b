//! Filters: whatever is asked of random data, the answer is what evaluating the filter in plain memory gives; and each
//! rule of their meaning by name.
//!
//! `differential` compares lists with `evaluate`, which was written from the contract alone, over things that `world` reads
//! through the API without filters. `live` compares subscriptions, whose filters work in memory, with lists.

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
