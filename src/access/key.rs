//! API keys in text form, `dgk_<id>_<secret>`: generates and parses them. Only a hash of the secret is stored, so a key can be
//! shown only once, when it is created.

use std::fmt::Write;

use ring::rand::{SystemRandom, generate};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The prefix of every key.
pub(super) const PREFIX: &str = "dgk_";

/// The number of hex digits in an id.
const ID_DIGITS: usize = 16;

/// The number of hex digits in a secret.
const SECRET_DIGITS: usize = 64;

/// A newly generated key.
pub struct NewKey {
    /// Its id.
    pub id: String,
    /// The whole key, which is shown only once.
    pub text: String,
    /// The stored hash of its secret.
    pub secret_sha256: String,
}

/// The system's random number generator failed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the system's random number generator failed")]
pub struct NoRandomness;

impl NewKey {
    /// Generates a key.
    pub fn draw() -> Result<Self, NoRandomness> {
        let random = SystemRandom::new();
        let id = hex(&generate::<[u8; ID_DIGITS / 2]>(&random).map_err(|_| NoRandomness)?.expose());
        let secret = hex(&generate::<[u8; SECRET_DIGITS / 2]>(&random).map_err(|_| NoRandomness)?.expose());
        Ok(Self { text: format!("{PREFIX}{id}_{secret}"), secret_sha256: sha256(&secret), id })
    }
}

/// A key as sent by a client.
#[derive(Clone, Copy)]
pub(super) struct Presented<'t> {
    pub(super) id: &'t str,
    secret: &'t str,
}

impl<'t> Presented<'t> {
    /// Parses the text of a key; `None` if it can't be one.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let is_hex = |text: &str| text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        (id.len() == ID_DIGITS && secret.len() == SECRET_DIGITS && is_hex(id) && is_hex(secret)).then_some(Self { id, secret })
    }

    /// Whether the secret has this hash. Takes constant time.
    pub(super) fn has_hash(&self, secret_sha256: &str) -> bool {
        sha256(self.secret).as_bytes().ct_eq(secret_sha256.as_bytes()).into()
    }
}

fn sha256(secret: &str) -> String {
    hex(&Sha256::digest(secret))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_parses_and_matches_only_its_own_hash() {
        let (key, other) = (NewKey::draw().unwrap(), NewKey::draw().unwrap());
        let presented = Presented::parse(&key.text).unwrap();
        assert_eq!(presented.id, key.id);
        assert!(presented.has_hash(&key.secret_sha256));
        assert!(!presented.has_hash(&other.secret_sha256) && !presented.has_hash(""));
        assert!(key.id != other.id && key.text != other.text);
        assert!(!key.secret_sha256.is_empty() && !key.text.contains(&key.secret_sha256));
    }

    #[test]
    fn other_texts_are_not_parsed_as_keys() {
        let key = NewKey::draw().unwrap().text;
        let upper = key.to_uppercase();
        for text in ["", "dgk_", "dgk__", "dgk_1_2", &key[1..], &key[..key.len() - 1], &upper, &format!("{key}0")] {
            assert!(Presented::parse(text).is_none(), "{text}");
        }
    }
}
