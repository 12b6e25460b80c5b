//! Vietnamese names: family, middle and given name.

use std::fmt;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::{data::names, rng::Rng};

#[derive(Clone, Copy, Debug)]
pub(super) struct FullName {
    pub(super) family: &'static str,
    pub(super) middle: &'static str,
    pub(super) given: &'static str,
}

impl FullName {
    pub(super) fn new(rng: &mut Rng, is_man: bool) -> Self {
        let names = names();
        let family = rng.weighted(&names.families);
        let (middle, given) = if is_man {
            (rng.weighted(&names.male_middle), rng.pick(&names.male_given))
        } else {
            (rng.weighted(&names.female_middle), rng.pick(&names.female_given))
        };
        Self { family, middle, given }
    }

    /// The name as displayed on a platform.
    pub(super) fn displayed(self, rng: &mut Rng) -> String {
        let Self { family, middle, given } = self;
        match rng.below(10) {
            0..=3 => self.to_string(),
            4..=6 => format!("{given} {family}"),
            7 | 8 => format!("{middle} {given}"),
            _ => format!("{given} {given} {}", rng.pick(&names().ornaments)),
        }
    }
}

impl fmt::Display for FullName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.family, self.middle, self.given)
    }
}

/// A name in the form used in an e-mail address.
pub(super) fn plain(name: &str) -> String {
    name.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).map(|c| if c == 'đ' { 'd' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn names_in_addresses_are_ascii() {
        assert_eq!(plain("Đặng"), "dang");
        assert_eq!(plain("Thủy"), "thuy");
    }
}
