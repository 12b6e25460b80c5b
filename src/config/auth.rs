//! `[auth]`: how clients are authenticated.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use super::{
    Error,
    secret::{self, Secret},
};
use crate::{
    access::settings::{self, Algorithm, Keys, Settings},
    graphql::role::Rules,
};

/// The shortest secret for HS256, in bytes, as RFC 7518 requires.
const MIN_SECRET_BYTES: usize = 32;

/// `[auth]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// The role of clients without a credential.
    pub anonymous_role: String,
    /// How JWTs are verified, if they are accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt: Option<Jwt>,
}

/// `[auth.jwt]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jwt {
    /// The required issuer.
    pub issuer: String,
    /// The required audience.
    pub audience: String,
    /// The allowed signature algorithms.
    pub algorithms: Vec<String>,
    /// The URL of the issuer's keys.
    pub jwks_url: String,
    /// A file with the issuer's keys.
    pub jwks_file: String,
    /// Secrets for HS256.
    #[serde(deserialize_with = "secret::list")]
    pub secrets: Vec<Secret>,
    /// Files with such secrets.
    pub secrets_files: Vec<PathBuf>,
    /// The tolerated difference between clocks.
    pub leeway_seconds: u64,
    /// The claim that contains the role.
    pub role_claim: String,
    /// The claim that contains the id of the staff member.
    pub staff_claim: String,
}

impl Default for Jwt {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            audience: String::new(),
            algorithms: vec!["RS256".into()],
            jwks_url: String::new(),
            jwks_file: String::new(),
            secrets: Vec::new(),
            secrets_files: Vec::new(),
            leeway_seconds: 60,
            role_claim: "role".into(),
            staff_claim: "staff_id".into(),
        }
    }
}

fn refused<T>(key: &'static str, reason: impl Into<String>) -> Result<T, Error> {
    Err(Error::Value { key, reason: reason.into() })
}

impl Auth {
    /// Converts and validates the settings of authentication.
    pub(super) fn access(&self, roles: &BTreeMap<String, Rules>) -> Result<Settings, Error> {
        if roles.is_empty() {
            let key = if self.jwt.is_some() {
                "auth.jwt"
            } else if self.anonymous_role.is_empty() {
                return Ok(Settings::default());
            } else {
                "auth.anonymous_role"
            };
            return refused(key, "no role is configured, so clients are not authenticated: add a section `[roles.NAME]`");
        }
        if roles.contains_key("") {
            return refused("roles", "a role has an empty name: name it");
        }
        let anonymous_role = Some(self.anonymous_role.clone()).filter(|role| !role.is_empty());
        if anonymous_role.as_ref().is_some_and(|role| !roles.contains_key(role)) {
            let reason = format!("there is no role `{}`: add `[roles.{0}]`, or name one that exists", self.anonymous_role);
            return refused("auth.anonymous_role", reason);
        }
        let jwt = self.jwt.as_ref().map(Jwt::checked).transpose()?;
        Ok(Settings { roles: roles.keys().cloned().collect::<BTreeSet<String>>(), anonymous_role, jwt })
    }
}

impl Jwt {
    fn checked(&self) -> Result<settings::Jwt, Error> {
        if self.issuer.is_empty() {
            return refused("auth.jwt.issuer", "it is empty: set it to the `iss` of the issuer's tokens");
        }
        if self.audience.is_empty() {
            return refused("auth.jwt.audience", "it is empty: set it to the `aud` of tokens for this gateway");
        }
        if self.role_claim.is_empty() {
            return refused("auth.jwt.role_claim", "it is empty: name the claim with the role");
        }
        let algorithms = self.algorithms()?;
        let keys = self.keys(&algorithms)?;
        Ok(settings::Jwt {
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            algorithms,
            keys,
            leeway_seconds: self.leeway_seconds,
            role_claim: self.role_claim.clone(),
            staff_claim: self.staff_claim.clone(),
        })
    }

    fn algorithms(&self) -> Result<Vec<Algorithm>, Error> {
        const KEY: &str = "auth.jwt.algorithms";
        if self.algorithms.is_empty() {
            return refused(KEY, "it is empty: name how the issuer signs, such as RS256");
        }
        let mut algorithms = Vec::new();
        for name in &self.algorithms {
            algorithms.push(match name.as_str() {
                "HS256" => Algorithm::HS256,
                "RS256" => Algorithm::RS256,
                "ES256" => Algorithm::ES256,
                "EdDSA" => Algorithm::EdDSA,
                other if other.eq_ignore_ascii_case("none") => {
                    return refused(KEY, "`none` would accept everyone, since such tokens are not signed: remove it");
                }
                other => return refused(KEY, format!("`{other}` is not one of HS256, RS256, ES256, EdDSA")),
            });
        }
        Ok(algorithms)
    }

    fn keys(&self, algorithms: &[Algorithm]) -> Result<Keys, Error> {
        const EXACTLY_ONE: &str = "set exactly one of jwks_url, jwks_file and secrets (or secrets_files)";
        let has_secrets = !self.secrets.is_empty() || !self.secrets_files.is_empty();
        match (self.jwks_url.as_str(), self.jwks_file.as_str(), has_secrets) {
            ("", "", false) => refused("auth.jwt", format!("there is no key to verify tokens with: {EXACTLY_ONE}")),
            ("", "", true) => {
                if algorithms.iter().any(|algorithm| *algorithm != Algorithm::HS256) {
                    let reason = "secrets verify HS256 alone: set algorithms = [\"HS256\"], or give the issuer's public keys";
                    return refused("auth.jwt.algorithms", reason);
                }
                self.secrets().map(Keys::Secrets)
            }
            (url, file, false) if url.is_empty() || file.is_empty() => {
                if algorithms.contains(&Algorithm::HS256) {
                    let reason = "HS256 with public keys would let everyone sign, since those keys are known to all: \
                                  remove HS256, or set secrets instead";
                    return refused("auth.jwt.algorithms", reason);
                }
                if url.is_empty() { Ok(Keys::File(file.into())) } else { address(url).map(Keys::Url) }
            }
            _ => refused("auth.jwt", format!("there are keys from two places: {EXACTLY_ONE}")),
        }
    }

    fn secrets(&self) -> Result<Vec<Vec<u8>>, Error> {
        let secrets = secret::all(&self.secrets, "auth.jwt.secrets_files", &self.secrets_files)?;
        if secrets.iter().any(|secret| secret.reveal().len() < MIN_SECRET_BYTES) {
            let reason = format!("a secret is shorter than {MIN_SECRET_BYTES} bytes: make one with `openssl rand -hex 32`");
            return refused("auth.jwt.secrets", reason);
        }
        Ok(secrets.iter().map(|secret| secret.reveal().as_bytes().to_vec()).collect())
    }
}

fn address(url: &str) -> Result<String, Error> {
    if settings::is_trusted(url) {
        return Ok(url.to_owned());
    }
    refused("auth.jwt.jwks_url", format!("`{url}` is no https:// address, and only this machine may use http://"))
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Overrides};

    fn load(toml: &str) -> Result<Config, super::Error> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("test.toml");
        std::fs::write(&file, toml).unwrap();
        Config::load(&Overrides { file: Some(file), ..Overrides::default() })
    }

    const ISSUER: &str = "[roles.lead]\n[auth.jwt]\nissuer = \"https://id.example.com\"\naudience = \"deskgraph\"\n";
    const SECRET: &str = "secrets = [\"0123456789abcdef0123456789abcdef\"]\nalgorithms = [\"HS256\"]";

    #[test]
    fn what_is_configured_wrongly_is_refused_with_the_key_and_a_remedy() {
        let jwt = |rest: &str| format!("{ISSUER}{rest}");
        for (toml, key, remedy) in [
            ("[auth]\nanonymous_role = \"guest\"".to_owned(), "auth.anonymous_role", "add a section `[roles.NAME]`"),
            ("[auth.jwt]\nissuer = \"x\"".to_owned(), "auth.jwt", "add a section `[roles.NAME]`"),
            ("[roles.lead]\n[auth]\nanonymous_role = \"guest\"".to_owned(), "auth.anonymous_role", "add `[roles.guest]`"),
            ("[roles.lead]\n[auth.jwt]\naudience = \"x\"".to_owned(), "auth.jwt.issuer", "set it to"),
            ("[roles.lead]\n[auth.jwt]\nissuer = \"x\"".to_owned(), "auth.jwt.audience", "set it to"),
            (jwt(""), "auth.jwt", "set exactly one of"),
            (jwt(&format!("{SECRET}\njwks_file = \"x\"")), "auth.jwt", "set exactly one of"),
            (jwt("jwks_url = \"https://x\"\njwks_file = \"x\""), "auth.jwt", "set exactly one of"),
            (jwt("jwks_url = \"http://id.example.com/keys\""), "auth.jwt.jwks_url", "https://"),
            (jwt("jwks_url = \"https://x\"\nalgorithms = [\"none\"]"), "auth.jwt.algorithms", "remove it"),
            (jwt("jwks_url = \"https://x\"\nalgorithms = []"), "auth.jwt.algorithms", "such as RS256"),
            (jwt("jwks_url = \"https://x\"\nalgorithms = [\"PS256\"]"), "auth.jwt.algorithms", "RS256, ES256, EdDSA"),
            (jwt("jwks_url = \"https://x\"\nalgorithms = [\"RS256\", \"HS256\"]"), "auth.jwt.algorithms", "remove HS256"),
            (jwt("jwks_file = \"x\"\nalgorithms = [\"HS256\"]"), "auth.jwt.algorithms", "set secrets instead"),
            (jwt("secrets = [\"0123456789abcdef0123456789abcdef\"]"), "auth.jwt.algorithms", "HS256 alone"),
            (jwt("secrets = [\"short and secret\"]\nalgorithms = [\"HS256\"]"), "auth.jwt.secrets", "openssl rand"),
            (jwt("secrets_files = [\"/no/such/file\"]\nalgorithms = [\"HS256\"]"), "auth.jwt.secrets_files", "/no/such/file"),
        ] {
            let error = load(&toml).expect_err(&toml).to_string();
            assert!(error.contains(&format!("settings: {key}: ")) && error.contains(remedy), "{toml}\n{error}");
            assert!(!error.contains("secret and") && !error.contains("short and secret"), "{error}");
        }
    }

    #[test]
    fn roles_and_keys_are_taken_and_secrets_are_not_shown() {
        let config = load(&format!("{ISSUER}{SECRET}\n[roles.agent]\nmasks = [\"Customer.phone\"]")).unwrap();
        assert!(config.clients_are_authenticated() && config.roles["agent"].introspection);
        assert!(!Config::defaults().clients_are_authenticated());
        let shown = format!("{} {config:?} {:?}", config.shown(), config.access().unwrap());
        assert!(!shown.contains("0123456789abcdef"), "{shown}");
        assert!(load(&format!("{ISSUER}jwks_url = \"http://127.0.0.1:1/keys\"")).is_ok());
    }
}
