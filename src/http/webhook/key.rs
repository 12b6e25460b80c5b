//! A key of HMAC-SHA256, and whether signatures are one of its. What a delivery is compared with takes the same time for
//! every key and every signature, right or wrong.

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

    /// The signature of the parts, one after the other.
    pub(super) fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Whether any of the signatures is that of any key.
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
    fn a_signature_counts_for_each_key_and_only_as_a_whole() {
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
