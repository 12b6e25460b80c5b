//! The tables of deskgraph as sea-orm models, one module each. Instants are milliseconds since the epoch. JSON is stored as
//! text, since PostgreSQL's jsonb would reorder keys and refuse `\u0000`. `*_key` columns are normalised copies made by the
//! projection, so that every database compares alike.
//!
//! `event`, `event_subject` and `change` are the log; `api_key`, `rejected_delivery` and `meta` are separate from it; all
//! others are projections. `message_quarter`, `message_hour`, `message_total` and `total` count rows of other tables, and never
//! contain a count of zero.

#![allow(clippy::struct_excessive_bools, reason = "the columns mirror the CRM's data")]
#![allow(missing_docs, reason = "sea-orm's derives generate undocumented items; every table and column is documented")]

pub mod api_key;
pub mod assignee;
pub mod change;
pub mod conversation;
pub mod custom_field;
pub mod customer;
pub mod customer_status;
pub mod event;
pub mod event_subject;
pub mod message;
pub mod message_hour;
pub mod message_quarter;
pub mod message_total;
pub mod meta;
pub mod rejected_delivery;
pub mod social_account;
pub mod staff;
pub mod ticket;
pub mod ticket_alias;
pub mod total;
