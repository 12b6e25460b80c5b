//! Who may ask, what they see and how much they may use: credentials over every transport, their end, roles and limits.

mod commands;
mod ending;
mod key_sets;
mod limits;
mod masks;
mod refused;
mod roles;
mod roles_live;
mod streams;
mod ways;
