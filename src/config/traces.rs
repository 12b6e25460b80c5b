//! `[traces]`: where the spans of requests go.

use serde::{Deserialize, Serialize};

use super::{Config, Error};
use crate::traces::Settings;

/// `[traces]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Traces {
    /// The URL of the collector; empty: none.
    pub endpoint: String,
    /// The name of this service.
    pub service: String,
    /// Of a hundred requests, how many are traced.
    pub percent: u8,
}

impl Config {
    /// Where traces go, if they go anywhere.
    pub fn traces(&self) -> Result<Option<Settings>, Error> {
        let Traces { endpoint, service, percent } = &self.traces;
        if *percent > 100 {
            return Err(Error::Value { key: "traces.percent", reason: format!("expected 0 to 100, found {percent}") });
        }
        if endpoint.is_empty() {
            return Ok(None);
        }
        let is_url = ["http://", "https://"].iter().any(|scheme| endpoint.len() > scheme.len() && endpoint.starts_with(scheme));
        if !is_url || endpoint.parse::<http::Uri>().is_err() {
            let reason = format!("`{endpoint}` is not a URL of OTLP over HTTP, such as http://127.0.0.1:4318/v1/traces");
            return Err(Error::Value { key: "traces.endpoint", reason });
        }
        Ok(Some(Settings { endpoint: endpoint.clone(), service: service.clone(), ratio: f64::from(*percent) / 100.0 }))
    }
}

#[cfg(test)]
mod tests {
    use crate::config::tests::load_from;

    #[test]
    fn traces_are_off_without_an_endpoint_and_what_can_t_be_meant_is_refused() {
        assert_eq!(load_from("").unwrap().traces().unwrap(), None);
        let on = load_from("[traces]\nendpoint = \"https://otel.example.com/v1/traces\"\npercent = 5\n").unwrap();
        let settings = on.traces().unwrap().unwrap();
        assert!((settings.ratio - 0.05).abs() < 1e-9 && settings.service == "deskgraph");
        for (settings, key) in [
            ("endpoint = \"127.0.0.1:4318\"", "traces.endpoint"),
            ("endpoint = \"http://\"", "traces.endpoint"),
            ("percent = 101", "traces.percent"),
        ] {
            let error = load_from(&format!("[traces]\n{settings}\n")).unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        }
    }
}
