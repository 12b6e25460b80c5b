//! Folding: the same events, in whatever order, repeated and cut into whatever batches, end in the same state, and that
//! state is the one the rules name.

mod changes;
mod counts;
mod events;
mod facts;
mod links;
mod order;
mod reference;
mod truth;
