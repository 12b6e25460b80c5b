//! The settings, and the files that they name.

use super::Finding;
use crate::config::{self, Config};

const CHECK: &str = "settings";

/// The settings are refused.
pub(super) fn refused(error: &config::Error) -> Finding {
    Finding::problem(CHECK, error.to_string(), "correct them; `deskgraph config --defaults` documents every key")
}

/// Whether a gateway would start with them.
pub(super) fn check(config: &Config) -> Finding {
    let files = config.rules().map(|_| ()).and_then(|()| config.connections().map(|_| ()));
    if let Err(error) = files {
        return refused(&error);
    }
    let (listen, clients, deliveries) =
        (config.server.listen, config.clients_are_authenticated(), config.webhooks_are_verified());
    if listen.ip().is_loopback() || (clients && deliveries) {
        return Finding::good(CHECK, format!("valid; listening on {listen}"));
    }
    let open = match (clients, deliveries) {
        (false, false) => "read everything and deliver events",
        (false, true) => "read everything",
        (true, _) => "deliver events",
    };
    Finding::warning(
        CHECK,
        format!("whoever reaches {listen} can {open} (server.insecure)"),
        "see that the network is trusted, or follow docs/security.md",
    )
}
