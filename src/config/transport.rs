//! How clients reach the gateway: `[server.tls]`, and the proxies in `server.trusted_proxies`.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::Error;
use crate::http::{
    connections::tls::{self, Files, Tls},
    peer::Proxies,
};

/// `[server.tls]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ServerTls {
    /// The certificate file; empty for no TLS.
    pub certificate: String,
    /// The file with its key.
    pub key: String,
}

impl ServerTls {
    /// The files, if TLS is on.
    pub(super) fn files(&self) -> Result<Option<Files>, Error> {
        let missing = |key, other| Error::Value { key, reason: format!("is missing: {other} is set, and TLS needs both") };
        match (self.certificate.as_str(), self.key.as_str()) {
            ("", "") => Ok(None),
            ("", _) => Err(missing("server.tls.certificate", "server.tls.key")),
            (_, "") => Err(missing("server.tls.key", "server.tls.certificate")),
            (certificate, key) => Ok(Some(Files { certificate: certificate.into(), key: key.into() })),
        }
    }

    /// Reads the files, if TLS is on.
    pub(super) fn read(&self) -> Result<Option<Tls>, Error> {
        let Some(files) = self.files()? else { return Ok(None) };
        Tls::read(files).map(Some).map_err(|error| {
            let key = match &error {
                tls::Unusable::Unreadable { file, .. } if file.as_os_str() == self.key.as_str() => "server.tls.key",
                tls::Unusable::NoKey(_) | tls::Unusable::Mismatch { .. } => "server.tls.key",
                tls::Unusable::Unreadable { .. } | tls::Unusable::NoCertificate(_) => "server.tls.certificate",
            };
            Error::Value { key, reason: error.to_string() }
        })
    }
}

/// The proxies of `server.trusted_proxies`.
pub(super) fn proxies(networks: &[String]) -> Result<Proxies, Error> {
    let network = |text: &String| {
        let network = text.parse::<IpNet>().ok().or_else(|| Some(text.parse::<IpAddr>().ok()?.into()));
        network.ok_or_else(|| Error::Value {
            key: "server.trusted_proxies",
            reason: format!("`{text}` is neither an address such as 10.0.0.1 nor a network such as 10.0.0.0/8"),
        })
    };
    networks.iter().map(network).collect::<Result<_, _>>().map(Proxies::new)
}

#[cfg(test)]
mod tests {
    use super::{super::Config, proxies};

    #[test]
    fn tls_needs_a_certificate_and_a_key() {
        for (certificate, key, missing) in [("c.pem", "", "server.tls.key"), ("", "k.pem", "server.tls.certificate")] {
            let mut config = Config::defaults();
            config.server.tls.certificate = certificate.into();
            config.server.tls.key = key.into();
            let error = config.check().unwrap_err().to_string();
            assert!(error.starts_with(&format!("settings: {missing}: is missing")), "{error}");
        }
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        assert!(proxies(&["10.0.0.1".into(), "10.0.0.0/8".into(), "::1".into(), "fd00::/8".into()]).is_ok());
        for wrong in ["proxy.example.com", "10.0.0.0/33", ""] {
            let error = proxies(&[wrong.into()]).err().unwrap().to_string();
            assert!(error.contains("server.trusted_proxies") && error.contains(&format!("`{wrong}`")), "{error}");
        }
    }
}
