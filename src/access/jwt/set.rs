//! The keys that verify JWTs: from a JSON Web Key Set, or shared secrets.

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use serde::Deserialize;

/// The largest number of keys used from a set.
const MAX_KEYS: usize = 64;

/// A key.
pub(super) struct Key {
    /// Its id, if it has one.
    id: Option<String>,
    /// The algorithm that it verifies.
    algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
}

/// A set of keys from one source.
#[derive(Default)]
pub(super) struct KeySet(Vec<Key>);

/// Why a text is not a usable key set.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    /// It is not a JSON Web Key Set.
    #[error("it is not a JSON Web Key Set: {0}")]
    NoSet(#[from] serde_json::Error),
    /// It contains no usable key.
    #[error("it has no public key for RS256, ES256 (P-256) or EdDSA (Ed25519) signatures")]
    NoKey,
}

impl KeySet {
    /// A set of HS256 secrets.
    pub(super) fn of_secrets(secrets: &[Vec<u8>]) -> Self {
        let key = |secret: &Vec<u8>| Key { id: None, algorithm: Algorithm::HS256, decoding: DecodingKey::from_secret(secret) };
        Self(secrets.iter().map(key).collect())
    }

    /// Parses a JSON Web Key Set. Unsupported keys are skipped, including secrets.
    pub(super) fn parse(text: &[u8]) -> Result<Self, Unusable> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<serde_json::Value>,
        }
        let set: Set = serde_json::from_slice(text)?;
        let keys: Vec<Key> = set.keys.into_iter().filter_map(public).take(MAX_KEYS).collect();
        if keys.is_empty() { Err(Unusable::NoKey) } else { Ok(Self(keys)) }
    }

    /// The number of keys.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The keys that may have signed a token: those of its algorithm and, if both have an id, with its id.
    pub(super) fn candidates<'s>(&'s self, id: Option<&'s str>, algorithm: Algorithm) -> impl Iterator<Item = &'s Key> {
        let is_named = move |key: &&Key| id.zip(key.id.as_deref()).is_none_or(|(id, own)| id == own);
        self.0.iter().filter(is_named).filter(move |key| key.algorithm == algorithm)
    }
}

/// Parses a public key for signatures.
fn public(json: serde_json::Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(json).ok()?;
    if jwk.common.public_key_use.as_ref().is_some_and(|usage| *usage != PublicKeyUse::Signature) {
        return None;
    }
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Algorithm::ES256,
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
        _ => return None,
    };
    if jwk.common.key_algorithm.is_some_and(|named| named != algorithm.into()) {
        return None;
    }
    let decoding = DecodingKey::from_jwk(&jwk).ok()?;
    (decoding.family() != AlgorithmFamily::Hmac).then_some(Key { id: jwk.common.key_id, algorithm, decoding })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_by_id_and_algorithm_and_secrets_in_a_set_are_skipped() {
        let set = br#"{"keys": [
            {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
            {"kty": "RSA", "kid": "encrypts", "use": "enc", "n": "AQAB", "e": "AQAB"},
            {"kty": "RSA", "kid": "other", "alg": "RS512", "n": "AQAB", "e": "AQAB"},
            {"kty": "EC", "kid": "large", "crv": "P-384", "x": "AQAB", "y": "AQAB"},
            {"kty": "unheard of", "kid": 7},
            {"kty": "RSA", "kid": "a", "use": "sig", "alg": "RS256", "n": "AQAB", "e": "AQAB"},
            {"kty": "OKP", "kid": "b", "crv": "Ed25519", "x": "AQAB"},
            {"kty": "EC", "crv": "P-256", "x": "AQAB", "y": "AQAB"}
        ]}"#;
        let set = KeySet::parse(set).unwrap();
        assert_eq!(set.0.len(), 3);
        let count = |id, algorithm| set.candidates(id, algorithm).count();
        assert_eq!(count(Some("a"), Algorithm::RS256), 1);
        assert_eq!(count(Some("a"), Algorithm::HS256), 0);
        assert_eq!(count(Some("a"), Algorithm::EdDSA), 0);
        assert_eq!(count(Some("secret"), Algorithm::HS256), 0);
        assert_eq!(count(Some("c"), Algorithm::ES256), 1);
        assert_eq!(count(Some("c"), Algorithm::EdDSA), 0);
        assert_eq!(count(None, Algorithm::ES256), 1);
    }

    #[test]
    fn a_set_without_a_usable_key_is_refused() {
        let refused = |text: &str| KeySet::parse(text.as_bytes()).err().unwrap().to_string();
        assert!(refused("{}").contains("not a JSON Web Key Set"));
        assert!(refused(r#"{"keys": []}"#).contains("no public key"));
    }
}
