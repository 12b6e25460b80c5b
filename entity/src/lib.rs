//! deskgraph's tables as sea-orm models, one module each, and nothing else. Instants are milliseconds since the epoch,
//! JSON is text (PostgreSQL's jsonb would reorder keys and refuse `\u0000`), `*_key` columns are normalised copies made by
//! the projection so that every database compares alike.
//!
//! `event`, `event_subject` and `change` are the log; `api_key`, `rejected_delivery` and `meta` stand beside it; the rest is
//! projection. `message_quarter`, `message_hour`, `message_total` and `total` count rows of the others and never hold a count of zero.

#![allow(clippy::struct_excessive_bools, reason = "columns are what the CRM tells")]
#![allow(missing_docs, reason = "sea-orm's derives make undocumented items; every table and column has its docstring")]

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
pub mod read_by;
pub mod rejected_delivery;
pub mod social_account;
pub mod staff;
pub mod ticket;
pub mod ticket_alias;
pub mod total;
