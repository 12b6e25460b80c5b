//! Secrets in settings: never shown, and each may stand in a file of its own.

use std::{fmt, path::PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Error;

/// A secret. `Debug` and `Serialize` hide it, so that no log and no `deskgraph config` shows it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// A secret with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

/// Reads a list of secrets. The error for anything else does not show what was found, as serde's own would: it may be a secret.
pub fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Secret>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Found {
        Secrets(Vec<Secret>),
        Other(de::IgnoredAny),
    }
    match Found::deserialize(deserializer)? {
        Found::Secrets(secrets) => Ok(secrets),
        Found::Other(_) => Err(de::Error::custom("expected a list of texts, found something else")),
    }
}

/// The secrets of a key: those in the settings, then the content of each file without the line break at its end. An error
/// names `key`, which is the key of the files.
pub fn all(values: &[Secret], key: &'static str, files: &[PathBuf]) -> Result<Vec<Secret>, Error> {
    let mut secrets = values.to_vec();
    for file in files {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Error::Value { key, reason: format!("{} can't be read: {error}", file.display()) })?;
        secrets.push(Secret::new(text.trim_end_matches(['\r', '\n'])));
    }
    Ok(secrets)
}

#[cfg(test)]
mod tests {
    use super::{Secret, all};

    #[test]
    fn secrets_come_from_settings_and_files_and_are_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "from a file\n").unwrap();
        let secrets = all(&[Secret::new("in the settings")], "x.secrets_files", &[file]).unwrap();
        assert_eq!(secrets.iter().map(Secret::reveal).collect::<Vec<_>>(), ["in the settings", "from a file"]);
        assert_eq!(format!("{secrets:?} {}", serde_json::to_string(&secrets).unwrap()), r#"[***, ***] ["***","***"]"#);
        let error = all(&[], "x.secrets_files", &[folder.path().join("none")]).unwrap_err().to_string();
        assert!(error.contains("x.secrets_files") && error.contains("none"), "{error}");
    }
}
