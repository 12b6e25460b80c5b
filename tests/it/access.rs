//! Who may ask: credentials over every transport, what refuses them, and their end.

mod commands;
mod ending;
mod key_sets;
mod refused;
mod streams;
mod ways;
