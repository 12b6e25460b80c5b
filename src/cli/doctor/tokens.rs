//! Checks the keys that verify JWTs.

use super::Finding;
use crate::{access, config::Config};

const CHECK: &str = "tokens";

/// Checks that such keys are available.
pub(super) async fn check(config: &Config) -> Finding {
    let jwt = match config.access() {
        Ok(settings) => settings.jwt,
        Err(error) => return Finding::problem(CHECK, error.to_string(), "correct the section [auth] of the settings"),
    };
    let Some(jwt) = jwt else { return Finding::skipped(CHECK, "JWTs are not accepted") };
    match access::count_keys(jwt.keys).await {
        Ok(count) => Finding::good(CHECK, format!("JWTs are verified with {count} keys")),
        Err(error) => Finding::problem(
            CHECK,
            error.to_string(),
            "check that the issuer is reachable and publishes a key for the algorithms in auth.jwt.algorithms; running gateways keep those \
             that they know",
        ),
    }
}
