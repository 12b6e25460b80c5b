//! A made-up Vietnamese flower shop, as the webhooks of its CRM.
//!
//! [`past`] yields some weeks of deliveries, [`Live`] the traffic that follows them. Both are a simulation driven by a seed:
//! the same [`Plan`] gives the same bytes. The crate is pure: it reads no clock and sends nothing. It knows the shape of the
//! CRM's webhooks, but not the gateway that receives them. Names and phrases are files under `data/`.

mod data;
mod deal;
mod delivery;
mod hours;
mod ids;
mod live;
mod past;
mod payload;
mod person;
mod plan;
mod rng;
mod schedule;
mod script;
mod shop;
mod template;
mod ticket;

pub use delivery::Delivery;
pub use live::Live;
pub use past::past;
pub use plan::Plan;
