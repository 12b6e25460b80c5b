//! The data files of the made-up shop, each embedded and parsed on first use.
//!
//! One module for each file, with its types. A file that does not match its types, or names an unknown placeholder, fails the
//! tests of this module. So other modules can rely on the files being valid.

mod names;
mod phrases;
mod places;
mod shop;
#[cfg(test)]
mod tests;
mod tickets;

use std::sync::LazyLock;

use serde::de::DeserializeOwned;

pub(crate) use self::{
    names::Names,
    phrases::{Exchange, Line, Media, Phrases, Speaker},
    places::{City, Places},
    shop::{Platform, Product, ShopData, Status},
    tickets::{Reminder, TicketKind, TicketTexts},
};

const NAMES: &str = include_str!("../../data/names.toml");
const PHRASES: &str = include_str!("../../data/phrases.toml");
const PLACES: &str = include_str!("../../data/places.toml");
const SHOP: &str = include_str!("../../data/shop.toml");
const TICKETS: &str = include_str!("../../data/tickets.toml");

fn parse<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).expect("the tests parse every data file")
}

pub(crate) fn names() -> &'static Names {
    static DATA: LazyLock<Names> = LazyLock::new(|| parse(NAMES));
    &DATA
}

pub(crate) fn phrases() -> &'static Phrases {
    static DATA: LazyLock<Phrases> = LazyLock::new(|| parse(PHRASES));
    &DATA
}

pub(crate) fn places() -> &'static Places {
    static DATA: LazyLock<Places> = LazyLock::new(|| parse(PLACES));
    &DATA
}

pub(crate) fn shop() -> &'static ShopData {
    static DATA: LazyLock<ShopData> = LazyLock::new(|| parse(SHOP));
    &DATA
}

pub(crate) fn tickets() -> &'static TicketTexts {
    static DATA: LazyLock<TicketTexts> = LazyLock::new(|| parse(TICKETS));
    &DATA
}
