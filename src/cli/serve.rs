//! `deskgraph serve`.

use anyhow::Result;

use super::service;
use crate::{clock::Clock, config::Config, gateway::Gateway};

pub(super) async fn serve(config: &Config) -> Result<u8> {
    let Some(mut running) = start(config).await? else { return Ok(0) };
    let alive = service::ready(running.address);
    tokio::select! {
        () = interrupted() => {}
        failed = running.failed() => failed?,
    }
    tracing::info!("stopping");
    service::stopping();
    running.stop().await?;
    drop(alive);
    tracing::info!("stopped");
    Ok(0)
}

/// Starts a gateway and logs its addresses. `None` if the start was interrupted.
pub(super) async fn start(config: &Config) -> Result<Option<Gateway>> {
    tokio::select! {
        started = Gateway::start(config, Clock::system()) => {
            let running = started?;
            announce(&running, config);
            Ok(Some(running))
        }
        () = interrupted() => Ok(None),
    }
}

fn announce(running: &Gateway, config: &Config) {
    let address = running.address;
    let scheme = if config.server.tls.certificate.is_empty() { "http" } else { "https" };
    tracing::info!(
        address = %address,
        graphiql = config.graphql.graphiql.then(|| format!("{scheme}://{address}/")),
        webhooks = %format!("{scheme}://{address}/webhooks/<event>"),
        database = config.shown_database(),
        "serving"
    );
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn interrupted() {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            tracing::warn!(%error, "cannot handle SIGTERM; stop with Ctrl-C instead");
            return tokio::signal::ctrl_c().await.unwrap_or_default();
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
