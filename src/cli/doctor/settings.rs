//! Checks the settings, and the files that they name.

use super::Finding;
use crate::config::{self, Config};

const CHECK: &str = "settings";

/// The result if the settings are invalid.
pub(super) fn refused(error: &config::Error) -> Finding {
    Finding::problem(CHECK, error.to_string(), "correct them; `deskgraph config --defaults` documents every key")
}

/// Checks that a gateway would start with the settings.
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
        format!("anyone who can reach {listen} can {open} (server.insecure)"),
        "make sure that the network is trusted, or follow docs/security.md",
    )
}
