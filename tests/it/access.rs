//! Authentication, roles and limits of clients: credentials over every transport, their end, visible objects, allowances.

mod commands;
mod ending;
mod entry_points;
mod key_sets;
mod limits;
mod links_live;
mod masks;
mod refused;
mod roles;
mod roles_live;
mod streams;
