//! JSON Web Tokens: verifies a token and reads its claims.
//!
//! ```text
//!   header: algorithm in the list? ─▶ keys of its kind and id (set, keys) ─▶ signature (ring) ─▶ claims: iss, aud, exp, nbf
//! ```
//!
//! Only the settings determine which keys may verify a token; the token's header merely selects among them.

mod fetch;
mod keys;
mod ring;
mod set;

use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode_header, errors::ErrorKind};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use self::{keys::Keys, set::KeySet};
use super::{StartError, settings};
use crate::domain::time::Timestamp;

/// Verifies tokens.
pub(super) struct Verifier {
    settings: settings::Jwt,
    algorithms: Vec<Algorithm>,
    keys: Keys,
}

/// The claims of a verified token.
#[derive(Debug)]
pub(super) struct Claims {
    /// The subject (`sub`); empty if missing.
    pub(super) subject: String,
    /// The roles named in the token, in order.
    pub(super) roles: Vec<String>,
    pub(super) staff: Option<String>,
    /// When it expires, including the leeway.
    pub(super) ends: Timestamp,
}

/// Why a token is refused. Safe to show to clients: says nothing about keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("the token can't be read")]
    Unreadable,
    #[error("the token's algorithm is not allowed")]
    Algorithm,
    #[error("the token was signed with a key that is not known")]
    UnknownKey,
    #[error("the token's signature is wrong")]
    Signature,
    #[error("the token has no `exp`, `iss` or `aud`")]
    Incomplete,
    #[error("the token comes from another issuer")]
    Issuer,
    #[error("the token is for another audience")]
    Audience,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYet,
}

/// The current number of keys that can verify tokens.
pub(super) async fn count_keys(keys: settings::Keys) -> Result<usize, StartError> {
    Keys::count(keys).await
}

impl Verifier {
    pub(super) fn start(settings: settings::Jwt) -> Result<Self, StartError> {
        ring::install();
        let algorithms = settings.algorithms.iter().map(|algorithm| match algorithm {
            settings::Algorithm::HS256 => Algorithm::HS256,
            settings::Algorithm::RS256 => Algorithm::RS256,
            settings::Algorithm::ES256 => Algorithm::ES256,
            settings::Algorithm::EdDSA => Algorithm::EdDSA,
        });
        Ok(Self { algorithms: algorithms.collect(), keys: Keys::start(settings.keys.clone())?, settings })
    }

    /// Keeps the keys up to date, until `stop`.
    pub(super) async fn keep(&self, stop: &CancellationToken) {
        self.keys.keep(stop).await;
    }

    /// The claims of a token, if it is valid at `now`.
    pub(super) async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, Refused> {
        let header = decode_header(token).map_err(|_| Refused::Unreadable)?;
        if !self.algorithms.contains(&header.alg) {
            return Err(Refused::Algorithm);
        }
        // `crit` names extensions that a verifier must understand. None are supported.
        if header.crit.is_some() {
            return Err(Refused::Unreadable);
        }
        let mut verified = self.verify_with(&self.keys.known(), token, &header);
        let may_be_new = match verified {
            Err(Refused::UnknownKey) => true,
            Err(Refused::Signature) => header.kid.is_none(),
            _ => false,
        };
        if may_be_new && self.keys.look_again().await {
            verified = self.verify_with(&self.keys.known(), token, &header);
        }
        self.read(&verified?, now)
    }

    fn verify_with(&self, keys: &KeySet, token: &str, header: &Header) -> Result<Map<String, Value>, Refused> {
        let mut refused = Refused::UnknownKey;
        for key in keys.candidates(header.kid.as_deref(), header.alg) {
            match self.decode(token, header.alg, &key.decoding) {
                Err(Refused::Signature) => refused = Refused::Signature,
                decided => return decided,
            }
        }
        Err(refused)
    }

    fn decode(&self, token: &str, algorithm: Algorithm, key: &DecodingKey) -> Result<Map<String, Value>, Refused> {
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.audience]);
        // The library would use the system clock.
        validation.validate_exp = false;
        let decoded = jsonwebtoken::decode(token, key, &validation).map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => Refused::Signature,
            ErrorKind::InvalidIssuer => Refused::Issuer,
            ErrorKind::InvalidAudience => Refused::Audience,
            ErrorKind::MissingRequiredClaim(_) => Refused::Incomplete,
            ErrorKind::InvalidAlgorithm | ErrorKind::InvalidKeyFormat => Refused::Algorithm,
            _ => Refused::Unreadable,
        })?;
        Ok(decoded.claims)
    }

    fn read(&self, claims: &Map<String, Value>, now: Timestamp) -> Result<Claims, Refused> {
        let leeway = i64::try_from(self.settings.leeway_seconds).unwrap_or(i64::MAX).saturating_mul(1000);
        let expires = claims.get("exp").and_then(milliseconds).ok_or(Refused::Incomplete)?;
        let ends = Timestamp::clamped(expires.saturating_add(leeway));
        if ends <= now {
            return Err(Refused::Expired);
        }
        match claims.get("nbf") {
            None | Some(Value::Null) => {}
            Some(begins) => {
                let begins = milliseconds(begins).ok_or(Refused::Unreadable)?;
                if begins > now.as_millis().saturating_add(leeway) {
                    return Err(Refused::NotYet);
                }
            }
        }
        let text = |claim: &str| claims.get(claim).and_then(Value::as_str).map(str::to_owned);
        let roles = match claims.get(&self.settings.role_claim) {
            Some(Value::String(role)) => vec![role.clone()],
            Some(Value::Array(roles)) => roles.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        let staff = match claims.get(&self.settings.staff_claim) {
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => text(&self.settings.staff_claim).filter(|staff| !staff.is_empty()),
        };
        Ok(Claims { subject: text("sub").unwrap_or_default(), roles, staff, ends })
    }
}

/// Converts a `NumericDate`: seconds, possibly with a fraction.
fn milliseconds(date: &Value) -> Option<i64> {
    if let Some(seconds) = date.as_i64() {
        return Some(seconds.saturating_mul(1000));
    }
    #[expect(clippy::cast_possible_truncation, reason = "values out of range saturate")]
    date.as_f64().map(|seconds| (seconds * 1000.0) as i64)
}
