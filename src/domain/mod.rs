//! The model of the CRM's data, as pure values and functions: events and how they are read, the state they fold to, ids, pages,
//! filters. It knows no database, network, clock or GraphQL. Every other module may use it.

pub mod calendar;
pub mod change;
pub mod contact;
pub mod conversation;
mod cursor;
pub mod customer;
pub mod dependency;
pub mod digest;
pub mod event;
pub mod filter;
pub mod id;
pub mod kind;
pub mod link;
pub mod message;
pub mod page;
pub mod reading;
pub mod scope;
pub mod search;
pub mod staff;
pub mod statistics;
pub mod steps;
pub mod text;
pub mod ticket;
pub mod time;
pub mod version;
pub mod window;
pub mod words;
mod written;
pub mod zone;
