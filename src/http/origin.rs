//! The allowed web origins: those in the settings, the gateway's own, and on loopback those of localhost on any port.
//!
//! Browsers enforce the rule for plain requests (CORS). WebSocket has no CORS, so the handshake is checked here. A request
//! without `Origin` does not come from a web page, and is allowed.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header, request::Parts};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// The allowed origins of one gateway.
#[derive(Clone, Debug)]
pub struct Origins {
    allowed: Vec<String>,
    any: bool,
    localhost: bool,
}

impl Origins {
    /// Allows the origins in the settings. `on_loopback`: the gateway listens on loopback only.
    pub fn new(allowed: &[String], on_loopback: bool) -> Self {
        let any = allowed.iter().any(|origin| origin == "*");
        let allowed = allowed.iter().map(|origin| origin.trim_end_matches('/').to_ascii_lowercase()).collect();
        Self { allowed, any, localhost: on_loopback }
    }

    /// Whether a page of this origin may call the gateway at the host name `host`.
    pub fn allows(&self, origin: &HeaderValue, host: Option<&HeaderValue>) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        let origin = origin.to_ascii_lowercase();
        let Some(authority) = origin.parse::<Uri>().ok().and_then(|uri| uri.authority().cloned()) else { return self.any };
        let is_localhost = matches!(authority.host(), "localhost" | "127.0.0.1" | "[::1]");
        // The gateway's own pages have its host as their origin. On loopback that proves nothing, since any DNS name can
        // resolve to it (DNS rebinding).
        let is_own = host.and_then(|host| host.to_str().ok()).is_some_and(|host| host.eq_ignore_ascii_case(authority.as_str()));
        self.any || self.allowed.contains(&origin) || if self.localhost { is_localhost } else { is_own }
    }

    /// Whether a WebSocket handshake is allowed.
    pub fn allows_handshake(&self, headers: &HeaderMap) -> bool {
        headers.get(header::ORIGIN).is_none_or(|origin| self.allows(origin, headers.get(header::HOST)))
    }

    /// The rule as a CORS layer.
    pub fn cors(&self) -> CorsLayer {
        let rule = self.clone();
        let allow = move |origin: &HeaderValue, parts: &Parts| rule.allows(origin, parts.headers.get(header::HOST));
        CorsLayer::new()
            .allow_origin(AllowOrigin::predicate(allow))
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([
                header::CONTENT_TYPE,
                header::ACCEPT,
                header::AUTHORIZATION,
                HeaderName::from_static("last-event-id"),
                HeaderName::from_static("x-report-complexity"),
                HeaderName::from_static("x-request-id"),
            ])
            .expose_headers([HeaderName::from_static("x-request-id"), header::RETRY_AFTER, header::WWW_AUTHENTICATE])
            .max_age(std::time::Duration::from_mins(10))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::Origins;

    fn allows(rule: &Origins, origin: &'static str, host: &'static str) -> bool {
        rule.allows(&HeaderValue::from_static(origin), Some(&HeaderValue::from_static(host)))
    }

    #[test]
    fn on_loopback_localhost_pages_of_any_port_are_allowed_and_others_are_not() {
        let rule = Origins::new(&[], true);
        for origin in ["http://localhost:5173", "http://127.0.0.1:3000", "https://localhost", "http://[::1]:1"] {
            assert!(allows(&rule, origin, "127.0.0.1:8080"), "{origin}");
        }
        for origin in ["https://evil.example", "http://localhost.evil.example", "null"] {
            assert!(!allows(&rule, origin, "127.0.0.1:8080"), "{origin}");
        }
        assert!(!allows(&rule, "http://rebound.example:8080", "rebound.example:8080"), "DNS rebinding");
    }

    #[test]
    fn beyond_loopback_own_pages_and_those_in_the_settings_are_allowed() {
        let rule = Origins::new(&["https://Desk.example.com/".into()], false);
        assert!(allows(&rule, "https://desk.example.com", "api.example.com"));
        assert!(allows(&rule, "https://api.example.com", "api.example.com"));
        assert!(!allows(&rule, "http://localhost:5173", "api.example.com"));
    }

    #[test]
    fn a_star_allows_every_origin() {
        assert!(allows(&Origins::new(&["*".into()], false), "https://anyone.example", "api.example.com"));
    }
}
