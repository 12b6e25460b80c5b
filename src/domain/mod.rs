//! What deskgraph knows of the CRM's world, as pure values and functions: events and how they are read, the state they
//! fold to, ids, pages, filters. It knows no database, no network, no clock and no GraphQL; everything else may use it.

pub mod event;
pub mod kind;
pub mod time;
pub mod words;
