//! `[graphql.documents]`: the documents that requests may name, and whether they may send others.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Error;
use crate::graphql::persisted::Persisted;

/// `[graphql.documents]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    /// Whether clients may register documents by their hash.
    pub persisted: bool,
    /// The memory for registered documents, in bytes.
    pub persisted_bytes: u64,
    /// A folder of documents, or a manifest; empty for none.
    pub trusted: String,
    /// Whether all other documents are refused.
    pub only_trusted: bool,
}

impl Documents {
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.only_trusted && self.trusted.is_empty() {
            return Err(Error::Value {
                key: "graphql.documents.only_trusted",
                reason: "no request could be executed, since no documents are trusted: name their folder or manifest in \
                         graphql.documents.trusted"
                    .into(),
            });
        }
        if self.persisted && self.persisted_bytes == 0 {
            let reason = "expected a number above 0; to register no documents, set graphql.documents.persisted = false";
            return Err(Error::Value { key: "graphql.documents.persisted_bytes", reason: reason.into() });
        }
        Ok(())
    }

    /// Reads and validates the trusted documents.
    pub(super) fn read(&self) -> Result<Persisted, Error> {
        let mut documents = Persisted::off();
        if self.persisted {
            documents = documents.registering(self.persisted_bytes);
        }
        if !self.trusted.is_empty() {
            documents = documents
                .trusting(Path::new(&self.trusted))
                .map_err(|error| Error::Value { key: "graphql.documents.trusted", reason: error.to_string() })?;
        }
        Ok(if self.only_trusted { documents.only_trusted() } else { documents })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;

    #[test]
    fn only_trusted_requires_trusted_documents() {
        let mut config = Config::defaults();
        config.graphql.documents.only_trusted = true;
        let error = config.check().unwrap_err().to_string();
        assert!(error.contains("graphql.documents.only_trusted") && error.contains("graphql.documents.trusted"), "{error}");
        config.graphql.documents.trusted = "documents".into();
        assert!(config.check().is_ok());
    }
}
