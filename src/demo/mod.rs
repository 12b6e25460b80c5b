//! `deskgraph demo`: a believable Vietnamese shop, delivered as webhooks through the real endpoint. The shop is a seeded
//! generator of deliveries; the sender posts them, first some weeks of past, then live traffic.

mod course;
mod dice;
mod hours;
mod live;
mod payload;
mod people;
mod phrases;
mod sender;
mod shop;
mod talk;
#[cfg(test)]
mod tests;
mod tickets;
mod words;
mod world;

pub use live::Live;
pub use sender::{Error, Sender};
pub use shop::{Delivery, Plan, past};
