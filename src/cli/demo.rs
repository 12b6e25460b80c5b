//! `deskgraph demo`: serves like `serve`, and delivers the webhooks of a made-up shop to itself.
//!
//! The crate `demo` generates the deliveries, which are sent over HTTP to the webhook endpoint like real ones. If deliveries
//! are authenticated, the demo signs its own with a secret that it generates for this run and adds to the settings.

mod sender;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use base64::{Engine, prelude::BASE64_STANDARD};
use clap::Args;
use demo::{Live, Plan, past};
use rand::{TryRngCore, rngs::OsRng};

use self::sender::Sender;
use super::{
    progress,
    serve::{interrupted, start},
};
use crate::{
    clock::Clock,
    config::{Config, secret, webhooks::Standard},
    http::webhook::standard::Secret,
};

/// The options of the shop.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Amount of history: 1 is about 2,000 customers, 5,000 conversations, 50,000 messages and 1,500 tickets
    #[arg(long, default_value_t = 1.0, value_parser = scale)]
    scale: f64,
    /// Live events per second after the history is loaded; 0 for none
    #[arg(long, default_value_t = 2.0, value_parser = rate)]
    rate: f64,
    /// Random seed: each number gives a different shop
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn scale(text: &str) -> Result<f64, String> {
    let scale: f64 = text.parse().map_err(|_| "expected a number".to_owned())?;
    if (0.0..=1000.0).contains(&scale) { Ok(scale) } else { Err("expected a number from 0 to 1000".into()) }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "expected a number".to_owned())?;
    if (0.0..=10_000.0).contains(&rate) { Ok(rate) } else { Err("expected a number from 0 to 10000".into()) }
}

impl Demo {
    pub(super) async fn run(&self, config: &Config) -> Result<u8> {
        if !config.server.tls.certificate.is_empty() {
            bail!("the demo sends its deliveries without TLS: leave server.tls.certificate and server.tls.key empty");
        }
        let (config, secret) = with_own_secret(config)?;
        let Some(mut running) = start(&config).await? else { return Ok(0) };
        let sender = Sender::new(running.address, secret, Clock::system());
        let ended = tokio::select! {
            () = interrupted() => Ok(()),
            failed = running.failed() => return failed.map(|()| 1),
            delivered = self.deliver(&sender) => delivered,
        };
        tracing::info!("stopping");
        running.stop().await?;
        ended.map(|()| 0)
    }

    /// Delivers the history, then live traffic without end.
    async fn deliver(&self, sender: &Sender) -> Result<()> {
        let clock = Clock::system();
        let plan = Plan { seed: self.seed, scale: self.scale, ..Plan::new(clock.now().as_millis()) };
        let started = Instant::now();
        let bar = progress::count("deliveries");
        let posted = sender.send_all(past(&plan), |done| bar.set_position(done)).await?;
        bar.finish_and_clear();
        tracing::info!(deliveries = posted, seconds = started.elapsed().as_secs_f64(), "the history is loaded");
        if self.rate <= 0.0 {
            return std::future::pending().await;
        }
        tracing::info!(per_second = self.rate, "live traffic begins: watch it in the subscription tab of GraphiQL");
        let mut live = Live::new(&plan);
        let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / self.rate));
        loop {
            ticks.tick().await;
            sender.send(&live.next(clock.now().as_millis())).await?;
        }
    }
}

/// Generates a secret, and returns it with the settings that accept it in addition to their own.
fn with_own_secret(config: &Config) -> Result<(Config, Secret)> {
    let mut random = [0; 32];
    OsRng.try_fill_bytes(&mut random)?;
    let secret = format!("whsec_{}", BASE64_STANDARD.encode(random));
    let signing = Secret::parse(&secret)?;
    let mut config = config.clone();
    if config.webhooks_are_verified() {
        config.webhooks.standard.get_or_insert_with(Standard::default).secrets.push(secret::Secret::new(secret));
    }
    Ok((config, signing))
}
