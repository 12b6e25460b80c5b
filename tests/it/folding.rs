//! Folding: the same events in any order, with repetitions and in any batches, give the same state, which is the one defined by
//! the rules.

mod changes;
mod counts;
mod events;
mod facts;
mod links;
mod order;
mod reference;
mod rules;
