//! `places.toml`: where customers live.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Places {
    pub(crate) cities: Vec<City>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct City {
    pub(crate) weight: u64,
    pub(crate) name: String,
    /// The id of the store that delivers there.
    pub(crate) store: String,
    pub(crate) districts: Vec<String>,
    pub(crate) streets: Vec<String>,
}
