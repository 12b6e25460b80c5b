//! `[webhooks]`: limits of deliveries, and the schemes that authenticate them. A scheme without its section is off; without any
//! scheme, every delivery is accepted. A section that would accept no delivery, or that uses guessable secrets, is refused.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{
    Error,
    secret::{self, Secret},
};
use crate::http::webhook::{
    HeaderName, Schemes,
    signed_body::{Encoding, SignedBody},
    standard::{self, NoSecret},
    token,
};

/// The shortest token, in characters.
const TOKEN_CHARACTERS: usize = 24;

/// `[webhooks]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// The largest body, in bytes.
    pub max_body_bytes: usize,
    /// The largest number of waiting deliveries.
    pub queue: usize,
    /// The largest number of deliveries in one transaction.
    pub batch: usize,
    /// Standard Webhooks.
    pub standard: Option<Standard>,
    /// A signature of the body.
    pub hmac: Option<Hmac>,
    /// A token.
    pub token: Option<Token>,
}

/// `[webhooks.standard]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Standard {
    /// Secrets, any of which may match.
    #[serde(deserialize_with = "secret::list")]
    pub secrets: Vec<Secret>,
    /// Files with one secret each.
    pub secrets_files: Vec<PathBuf>,
    /// The tolerated difference between a timestamp and the current time.
    pub tolerance_seconds: u64,
}

/// `[webhooks.hmac]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hmac {
    /// Secrets, any of which may match.
    #[serde(deserialize_with = "secret::list")]
    pub secrets: Vec<Secret>,
    /// Files with one secret each.
    pub secrets_files: Vec<PathBuf>,
    /// The header with the signature.
    pub header: String,
    /// The prefix of the signature.
    pub prefix: String,
    /// The encoding of the signature.
    pub encoding: Encoding,
}

/// `[webhooks.token]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Token {
    /// Tokens, any of which may match.
    #[serde(deserialize_with = "secret::list")]
    pub tokens: Vec<Secret>,
    /// Files with one token each.
    pub tokens_files: Vec<PathBuf>,
    /// The header with the token.
    pub header: String,
    /// Whether the token may be in the path.
    pub in_path: bool,
}

impl Default for Standard {
    fn default() -> Self {
        Self { secrets: Vec::new(), secrets_files: Vec::new(), tolerance_seconds: 300 }
    }
}

impl Default for Hmac {
    fn default() -> Self {
        Self {
            secrets: Vec::new(),
            secrets_files: Vec::new(),
            header: "X-Signature".into(),
            prefix: String::new(),
            encoding: Encoding::Hex,
        }
    }
}

impl Default for Token {
    fn default() -> Self {
        Self { tokens: Vec::new(), tokens_files: Vec::new(), header: "Authorization".into(), in_path: false }
    }
}

impl Webhooks {
    /// Whether deliveries are authenticated.
    pub(super) fn are_verified(&self) -> bool {
        let Self { standard, hmac, token, .. } = self;
        standard.is_some() || hmac.is_some() || token.is_some()
    }

    /// The schemes, with their secrets read.
    pub(super) fn schemes(&self) -> Result<Schemes, Error> {
        let Self { standard, hmac, token, .. } = self;
        Ok(Schemes {
            standard: standard.as_ref().map(Standard::scheme).transpose()?,
            hmac: hmac.as_ref().map(Hmac::scheme).transpose()?,
            token: token.as_ref().map(Token::scheme).transpose()?,
        })
    }
}

impl Standard {
    fn scheme(&self) -> Result<standard::Standard, Error> {
        const KEY: &str = "webhooks.standard.secrets";
        if self.tolerance_seconds == 0 {
            return Err(refused("webhooks.standard.tolerance_seconds", "expected a number above 0"));
        }
        let secrets = some_of(KEY, &self.secrets, "webhooks.standard.secrets_files", &self.secrets_files)?;
        let parse = |(at, secret): (usize, &Secret)| {
            standard::Secret::parse(secret.reveal()).map_err(|error: NoSecret| {
                refused(KEY, format!("{} {error}. `echo whsec_$(openssl rand -base64 32)` prints a good one", nth(at)))
            })
        };
        let secrets: Result<_, _> = secrets.iter().enumerate().map(parse).collect();
        Ok(standard::Standard::new(secrets?, self.tolerance_seconds))
    }
}

impl Hmac {
    fn scheme(&self) -> Result<SignedBody, Error> {
        const KEY: &str = "webhooks.hmac.secrets";
        let secrets = some_of(KEY, &self.secrets, "webhooks.hmac.secrets_files", &self.secrets_files)?;
        if let Some(at) = secrets.iter().position(|secret| secret.reveal().is_empty()) {
            return Err(refused(KEY, format!("{} is empty: enter the secret that the sender signs with", nth(at))));
        }
        let header = header("webhooks.hmac.header", &self.header)?;
        Ok(SignedBody::new(secrets.iter().map(Secret::reveal), header, self.prefix.clone(), self.encoding))
    }
}

impl Token {
    fn scheme(&self) -> Result<token::Token, Error> {
        const KEY: &str = "webhooks.token.tokens";
        let tokens = some_of(KEY, &self.tokens, "webhooks.token.tokens_files", &self.tokens_files)?;
        usable_tokens(KEY, &tokens)?;
        let header = header("webhooks.token.header", &self.header)?;
        Ok(token::Token::new(tokens.iter().map(Secret::reveal), header, self.in_path))
    }
}

/// Refuses tokens that are short, or that no header can hold.
pub(super) fn usable_tokens(key: &'static str, tokens: &[Secret]) -> Result<(), Error> {
    for (at, token) in tokens.iter().enumerate() {
        let length = token.reveal().chars().count();
        let fault = if length < TOKEN_CHARACTERS {
            format!("has {length} characters: expected {TOKEN_CHARACTERS} at least")
        } else if !token.reveal().bytes().all(|byte| byte.is_ascii_graphic()) {
            "has a character that a header can't hold: expected visible ASCII without spaces".to_owned()
        } else {
            continue;
        };
        return Err(refused(key, format!("{} {fault}. `openssl rand -hex 32` prints a good one", nth(at))));
    }
    Ok(())
}

fn refused(key: &'static str, reason: impl Into<String>) -> Error {
    Error::Value { key, reason: reason.into() }
}

/// Describes an entry of a list by its number, counting files after the others, without its content.
fn nth(at: usize) -> String {
    format!("entry {} (with those of files)", at + 1)
}

/// The secrets of a key and its files. There must be at least one.
fn some_of(key: &'static str, values: &[Secret], files_key: &'static str, files: &[PathBuf]) -> Result<Vec<Secret>, Error> {
    let secrets = secret::all(values, files_key, files)?;
    if secrets.is_empty() {
        return Err(refused(
            key,
            format!("no delivery could be accepted: set one here or in {files_key}, or remove the section"),
        ));
    }
    Ok(secrets)
}

fn header(key: &'static str, name: &str) -> Result<HeaderName, Error> {
    name.parse().map_err(|_| refused(key, format!("`{name}` is not the name of a header, such as X-Signature")))
}

#[cfg(test)]
mod tests {
    use crate::config::tests::load_from;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn unusable_or_guessable_schemes_are_refused_by_key() {
        for (section, key, expected) in [
            ("[webhooks.standard]", "webhooks.standard.secrets", "secrets_files"),
            ("[webhooks.standard]\nsecrets = [\"whsec_c2VjcmV0\"]", "webhooks.standard.secrets", "6 bytes"),
            ("[webhooks.standard]\nsecrets = [\"secret-in-words\"]", "webhooks.standard.secrets", "whsec_"),
            ("[webhooks.standard]\nsecrets = [\"whsec_secret-in-words\"]", "webhooks.standard.secrets", "Base64"),
            ("[webhooks.standard]\nsecrets_files = [\"/no/secret\"]", "webhooks.standard.secrets_files", "/no/secret"),
            ("[webhooks.standard]\ntolerance_seconds = 0", "webhooks.standard.tolerance_seconds", "above 0"),
            ("[webhooks.hmac]", "webhooks.hmac.secrets", "secrets_files"),
            ("[webhooks.hmac]\nsecrets = [\"x\", \"\"]", "webhooks.hmac.secrets", "entry 2"),
            ("[webhooks.hmac]\nsecrets = [\"x\"]\nheader = \"X Signature\"", "webhooks.hmac.header", "X Signature"),
            ("[webhooks.hmac]\nsecrets = [\"x\"]\nencoding = \"rot13\"", "webhooks.hmac.encoding", "rot13"),
            ("[webhooks.token]", "webhooks.token.tokens", "tokens_files"),
            ("[webhooks.token]\ntokens = [\"secret-in-words\"]", "webhooks.token.tokens", "24"),
            ("[webhooks.token]\ntokens = [\"secret in words, of that many\"]", "webhooks.token.tokens", "ASCII"),
            ("[webhooks.token]\ntokens = [\"secret-in-words-that-is-long\"]\nheader = \"\"", "webhooks.token.header", "header"),
        ] {
            let error = load_from(section).unwrap_err().to_string();
            assert!(error.contains(key) && error.contains(expected), "{section}: {error}");
            assert!(!error.contains("secret-in-words") && !error.contains("c2VjcmV0"), "{error}");
        }
    }

    #[test]
    fn a_secret_of_the_wrong_type_is_refused_without_being_shown() {
        for section in [
            "[webhooks.hmac]\nsecrets = [4711471147]",
            "[webhooks.hmac]\nsecrets = 4711471147",
            "[webhooks.token]\ntokens = { a = \"secret-in-words\" }",
        ] {
            let error = load_from(section).unwrap_err().to_string();
            assert!(error.contains("webhooks.") && error.contains("secret"), "{section}: {error}");
            assert!(!error.contains("secret-in-words") && !error.contains("4711"), "{error}");
        }
    }

    #[test]
    fn valid_sections_are_accepted_and_secrets_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, "a-token-that-stands-in-a-file\n").unwrap();
        let config = load_from(&format!(
            "[webhooks.standard]\nsecrets = [\"{SECRET}\"]\n[webhooks.hmac]\nsecrets = [\"secret-in-words\"]\n\
             [webhooks.token]\ntokens_files = [{file:?}]"
        ))
        .unwrap();
        assert!(config.webhooks_are_verified());
        let shown = format!("{} {config:?}", config.shown());
        assert!(shown.contains("***") && shown.contains("X-Signature"), "{shown}");
        assert!(!shown.contains(SECRET) && !shown.contains("secret-in-words") && !shown.contains("stands-in-a-file"), "{shown}");
        assert!(!load_from("").unwrap().webhooks_are_verified());
    }
}
