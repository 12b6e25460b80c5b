//! `names.toml`: names of people. Pairs are a weight and a value.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Names {
    pub(crate) families: Vec<(u64, String)>,
    pub(crate) female_middle: Vec<(u64, String)>,
    pub(crate) male_middle: Vec<(u64, String)>,
    pub(crate) female_given: Vec<String>,
    pub(crate) male_given: Vec<String>,
    pub(crate) ornaments: Vec<String>,
    pub(crate) visitor: String,
    pub(crate) offices: Vec<String>,
    pub(crate) email_domains: Vec<String>,
    pub(crate) mobile_prefixes: Vec<(u64, MobilePrefix)>,
}

/// The first digits of a mobile number.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MobilePrefix {
    pub(crate) digits: String,
    pub(crate) carrier: String,
}
