//! JWTs as signed by an issuer or forged by an attacker: the test controls every part.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use ring::{
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, PublicKeyComponents},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256},
};
use serde_json::{Value, json};

/// The issuer and audience of test tokens.
pub const ISSUER: &str = "https://id.example.com";
pub const AUDIENCE: &str = "deskgraph";

/// A signing key.
pub enum Signer {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Hmac(Vec<u8>),
    /// No signature.
    None,
}

impl Signer {
    /// The RSA key of the tests, fixed since generating one takes too long.
    pub fn rsa() -> Self {
        let key = BASE64_STANDARD.decode(include_str!("../fixtures/rsa-private-of-tests.pk8").trim()).unwrap();
        Self::Rsa(Box::new(RsaKeyPair::from_pkcs8(&key).unwrap()))
    }

    /// A new key on P-256.
    pub fn ec() -> Self {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self::Ec(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_ref(), &random).unwrap())
    }

    /// A new Ed25519 key.
    pub fn ed() -> Self {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed(Ed25519KeyPair::from_pkcs8(key.as_ref()).unwrap())
    }

    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::Ec(_) => "ES256",
            Self::Ed(_) => "EdDSA",
            Self::Hmac(_) => "HS256",
            Self::None => "none",
        }
    }

    /// The public key as published by an issuer.
    pub fn jwk(&self, id: &str) -> Value {
        let text = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(key) => {
                let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(key.public());
                json!({ "kty": "RSA", "kid": id, "use": "sig", "alg": "RS256", "n": text(&n), "e": text(&e) })
            }
            Self::Ec(key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "kid": id, "crv": "P-256", "x": text(x), "y": text(y) })
            }
            Self::Ed(key) => json!({ "kty": "OKP", "kid": id, "crv": "Ed25519", "x": text(key.public_key().as_ref()) }),
            Self::Hmac(_) | Self::None => panic!("there is no public key"),
        }
    }

    /// The raw public key.
    pub fn public(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => key.public().as_ref().to_vec(),
            Self::Ec(key) => key.public_key().as_ref().to_vec(),
            Self::Ed(key) => key.public_key().as_ref().to_vec(),
            Self::Hmac(_) | Self::None => panic!("there is no public key"),
        }
    }

    /// A token with these claims, signed by the key with this id.
    pub fn token(&self, id: &str, claims: &Value) -> String {
        self.token_with(&json!({ "typ": "JWT", "alg": self.algorithm(), "kid": id }), claims)
    }

    /// A token with this header.
    pub fn token_with(&self, head: &Value, claims: &Value) -> String {
        let text = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let message = format!("{}.{}", text(head.to_string().as_bytes()), text(claims.to_string().as_bytes()));
        let signature = match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
                signature
            }
            Self::Ec(key) => key.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec(),
            Self::Ed(key) => key.sign(message.as_bytes()).as_ref().to_vec(),
            Self::Hmac(secret) => hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes()).as_ref().to_vec(),
            Self::None => Vec::new(),
        };
        format!("{message}.{}", text(&signature))
    }
}

/// Valid claims with some of them changed; `null` removes one.
pub fn claims(expires: i64, changes: &Value) -> Value {
    let mut claims = json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "u-1", "role": "lead", "exp": expires });
    for (claim, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(claim);
        } else {
            claims[claim] = value.clone();
        }
    }
    claims
}

/// A key set as published by an issuer.
pub fn key_set<'k>(keys: impl IntoIterator<Item = (&'k str, &'k Signer)>) -> String {
    let keys: Vec<Value> = keys.into_iter().map(|(id, key)| key.jwk(id)).collect();
    json!({ "keys": keys }).to_string()
}
