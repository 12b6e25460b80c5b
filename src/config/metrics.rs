//! `[metrics]`: where `GET /metrics` is, and who may read it.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    Config, Error,
    secret::{self, Secret},
    webhooks::usable_tokens,
};
use crate::http::{
    Readership,
    webhook::{HeaderName, token::Token},
};

/// `[metrics]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// An address of their own; empty: they are at the address of the gateway.
    pub listen: String,
    /// Tokens, of which any lets read.
    #[serde(deserialize_with = "secret::list")]
    pub tokens: Vec<Secret>,
    /// Files that hold one each.
    pub tokens_files: Vec<PathBuf>,
}

impl Config {
    /// The address that metrics have for themselves, if they have one.
    pub fn metrics_address(&self) -> Result<Option<SocketAddr>, Error> {
        const KEY: &str = "metrics.listen";
        let Metrics { listen, .. } = &self.metrics;
        if listen.is_empty() {
            return Ok(None);
        }
        let address: SocketAddr = listen.parse().map_err(|_| Error::Value {
            key: KEY,
            reason: format!("`{listen}` is not an address with a port, such as 127.0.0.1:9464"),
        })?;
        if address == self.server.listen && address.port() != 0 {
            let reason = "is the address of the gateway (server.listen): leave it empty to have /metrics there".into();
            return Err(Error::Value { key: KEY, reason });
        }
        Ok(Some(address))
    }

    /// Who may read the metrics.
    pub fn metrics_readership(&self) -> Result<Readership, Error> {
        const KEY: &str = "metrics.tokens";
        let tokens = secret::all(&self.metrics.tokens, "metrics.tokens_files", &self.metrics.tokens_files)?;
        usable_tokens(KEY, &tokens)?;
        let address = self.metrics_address()?;
        if !tokens.is_empty() {
            let token = Token::new(tokens.iter().map(Secret::reveal), HeaderName::from_static("authorization"), false);
            return Ok(Readership::TokenRequired(Arc::new(token)));
        }
        match address {
            Some(address) if !address.ip().is_loopback() && !self.server.insecure => Err(Error::Value {
                key: "metrics.listen",
                reason: format!(
                    "{address} is reachable from other machines, and anyone who reaches it could read the metrics: set {KEY}, listen \
                     on 127.0.0.1, or pass --insecure where the network is trusted"
                ),
            }),
            None if self.clients_are_authenticated() => Ok(Readership::Denied),
            _ => Ok(Readership::Public),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{config::tests::load_from, http::Readership};

    const TOKEN: &str = "tokens = [\"123456789012345678901234\"]\n";

    fn readership(settings: &str) -> Result<Readership, String> {
        load_from(settings).and_then(|config| config.metrics_readership()).map_err(|error| error.to_string())
    }

    #[test]
    fn metrics_are_open_only_where_everything_is_or_on_an_address_of_their_own() {
        assert!(matches!(readership(""), Ok(Readership::Public)));
        assert!(matches!(readership("[roles.lead]\n"), Ok(Readership::Denied)));
        assert!(matches!(readership("[roles.lead]\n[metrics]\nlisten = \"127.0.0.1:9464\"\n"), Ok(Readership::Public)));
        assert!(matches!(readership(&format!("[roles.lead]\n[metrics]\n{TOKEN}")), Ok(Readership::TokenRequired(_))));
        let beyond = "[metrics]\nlisten = \"0.0.0.0:9464\"\n";
        assert!(matches!(readership(&format!("{beyond}{TOKEN}")), Ok(Readership::TokenRequired(_))));
        assert!(matches!(readership(&format!("{beyond}[server]\ninsecure = true\n")), Ok(Readership::Public)));
    }

    #[test]
    fn what_can_t_be_meant_is_refused_with_key_and_remedy() {
        for (settings, key, remedy) in [
            ("[metrics]\nlisten = \"0.0.0.0:9464\"\n", "metrics.listen", "metrics.tokens"),
            ("[metrics]\nlisten = \"9464\"\n", "metrics.listen", "127.0.0.1:9464"),
            ("[metrics]\nlisten = \"127.0.0.1:8080\"\n", "metrics.listen", "leave it empty"),
            ("[metrics]\ntokens = [\"short\"]\n", "metrics.tokens", "openssl rand -hex 32"),
            ("[metrics]\ntokens_files = [\"/no/such/file\"]\n", "metrics.tokens_files", "can't be read"),
        ] {
            let error = readership(settings).err().unwrap();
            assert!(error.contains(key) && error.contains(remedy) && !error.contains("short"), "{error}");
        }
    }
}
