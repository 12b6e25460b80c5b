//! An HMAC-SHA256 key, and the verification of signatures. The time of a comparison does not depend on the key or the
//! signature.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// A key, ready to sign.
#[derive(Clone)]
pub(super) struct Key(Hmac<Sha256>);

impl Key {
    pub(super) fn new(secret: &[u8]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes keys of any length"))
    }

    /// The signature of the concatenated parts.
    pub(super) fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Whether any of the signatures was made with any of the keys.
pub(super) fn any_signed(keys: &[Key], parts: &[&[u8]], signatures: &[Vec<u8>]) -> bool {
    let mut found = Choice::from(0);
    for key in keys {
        let expected = key.sign(parts);
        for signature in signatures {
            found |= expected.as_slice().ct_eq(signature);
        }
    }
    found.into()
}

#[cfg(test)]
mod tests {
    use super::{Key, any_signed};

    #[test]
    fn a_whole_signature_matches_any_of_the_keys() {
        let keys = [Key::new(b"one"), Key::new(b"two")];
        let parts: &[&[u8]] = &[b"a", b"b"];
        for key in &keys {
            let signature = key.sign(&[b"ab"]).to_vec();
            assert!(any_signed(&keys, parts, &[vec![0; 32], signature.clone()]));
            assert!(!any_signed(&keys, parts, &[signature[..31].to_vec()]), "truncated");
            assert!(!any_signed(&keys, parts, &[[signature.clone(), vec![0]].concat()]), "extended");
            assert!(!any_signed(&keys, &[b"ac"], &[signature]));
        }
        assert!(!any_signed(&keys, parts, &[Vec::new()]));
        assert!(!any_signed(&keys, parts, &[]));
    }
}
