//! Secrets in settings: never shown, and each can be kept in its own file.

use std::{fmt, path::PathBuf};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, SeqAccess, Visitor},
};

use super::Error;

/// A secret. `Debug` and `Serialize` hide it, so it appears neither in logs nor in the output of `deskgraph config`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
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

/// Parses one secret or several. Errors do not repeat the invalid value, as serde's own would.
struct Hidden;

impl<'de> Visitor<'de> for Hidden {
    type Value = Vec<Secret>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("secrets, each a text in quotes")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(vec![Secret::new(text)])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut listed: A) -> Result<Self::Value, A::Error> {
        let mut secrets = Vec::new();
        while let Some(secret) = listed.next_element()? {
            secrets.push(secret);
        }
        Ok(secrets)
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Err(E::custom("a secret is a text: put it in quotes"))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Self::Value, E> {
        self.visit_bool(true)
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Self::Value, E> {
        self.visit_bool(true)
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Self::Value, E> {
        self.visit_bool(true)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let one = deserializer.deserialize_any(Hidden)?.pop();
        one.ok_or_else(|| D::Error::custom("a secret is missing"))
    }
}

/// Deserializes a list of secrets. A single text is a list of one, as in an environment variable.
pub fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Secret>, D::Error> {
    deserializer.deserialize_any(Hidden)
}

/// All secrets of a key: those in the settings, then the content of each file without its final line break. Errors name `key`,
/// the key of the files.
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
    use super::{Secret, all, list};

    #[derive(serde::Deserialize)]
    struct Listed(#[serde(deserialize_with = "list")] Vec<Secret>);

    #[test]
    fn secrets_come_from_settings_and_files_and_are_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "from a file\n").unwrap();
        let secrets = all(&[Secret::new("in the settings")], "x.secrets_files", &[file]).unwrap();
        assert_eq!(secrets.iter().map(Secret::reveal).collect::<Vec<_>>(), ["in the settings", "from a file"]);
        assert_eq!(format!("{secrets:?} {}", serde_json::to_string(&secrets).unwrap()), r#"[***, ***] ["***","***"]"#);
        let shown = |json: &str| serde_json::from_str::<Listed>(json).map(|listed| listed.0).map_err(|error| error.to_string());
        assert_eq!(shown(r#""one""#).unwrap(), shown(r#"["one"]"#).unwrap());
        for wrong in ["4711", "-4711", "4711.5", "[4711]", "true", r#"{"4711": "4711"}"#] {
            assert!(!shown(wrong).unwrap_err().contains("4711"), "{wrong}");
        }
        let error = all(&[], "x.secrets_files", &[folder.path().join("none")]).unwrap_err().to_string();
        assert!(error.contains("x.secrets_files") && error.contains("none"), "{error}");
    }
}
