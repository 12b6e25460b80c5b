//! What the process says of itself while it runs: log lines on standard error, and traces where a collector is configured.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, Layer, fmt, layer::SubscriberExt, registry, registry::LookupSpan, util::SubscriberInitExt};

use crate::{
    config::{Config, LogFormat},
    traces::Traces,
};

/// Starts both. The traces, if there are any, are to be finished at the end.
pub(super) fn start(config: &Config, runtime: &Handle) -> Result<Option<Traces>> {
    let filter = EnvFilter::try_new(&config.log.filter)?;
    let format = config.log.format;
    let Some(settings) = config.traces()? else {
        // One filter for everything: what it leaves out costs nothing.
        registry().with(filter).with(lines(format)).init();
        return Ok(None);
    };
    let started = Traces::start(&settings, runtime);
    let traces = started.with_context(|| format!("exporting traces to {} (traces.endpoint)", settings.endpoint))?;
    registry().with(lines(format).with_filter(filter)).with(traces.layer()).init();
    Ok(Some(traces))
}

fn lines<S: Subscriber + for<'s> LookupSpan<'s>>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync> {
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => lines.with_target(false).boxed(),
        LogFormat::Json => lines.json().boxed(),
    }
}
