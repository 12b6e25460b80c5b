//! The metrics of a gateway, for `GET /metrics` in the Prometheus text format.
//!
//! [`declared`] lists the name, type, labels and help text of each metric. Each metric is a field there, so an undeclared
//! metric can't be recorded, and nothing outside this module can create a [`Counter`], [`Gauge`] or [`Histogram`]. Labels
//! have fixed sets of values, and all series are registered at startup: recording is an addition to an existing number, and
//! every series exists from the start with the value 0. The exception is the names of GraphQL operations ([`operations`]).
//!
//! No label and no value contains an id or other personal data.

mod declared;
mod histogram;
mod meters;
mod operations;

use std::sync::Arc;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

pub use self::{
    declared::{CredentialFault, Declared, DeliveryOutcome, NAMES, Pool, PoolState, RequestOutcome, Transport},
    meters::{By, Counter, Gauge, GaugeGuard, Histogram},
    operations::Operation,
};
use self::{meters::Registry, operations::Operations};

/// The metrics of one gateway. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Shared>);

struct Shared {
    declared: Declared,
    operations: Operations,
    registry: Arc<Registry>,
    exporter: PrometheusHandle,
}

impl Default for Metrics {
    fn default() -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        let exporter = recorder.handle();
        let registry = Arc::new(Registry::of(recorder));
        let declared = Declared::register(&registry, &[]);
        declared.build.set(1.0);
        Self(Arc::new(Shared { declared, operations: Operations::new(registry.clone()), registry, exporter }))
    }
}

/// Metrics are accessed as fields: `metrics.demotions.increment()`.
impl std::ops::Deref for Metrics {
    type Target = Declared;

    fn deref(&self) -> &Declared {
        &self.0.declared
    }
}

impl Metrics {
    /// The metrics of GraphQL operations, by name.
    pub fn operations(&self) -> &Operations {
        &self.0.operations
    }

    /// Renders all metrics in the text format.
    pub fn render(&self) -> String {
        let mut text = self.0.exporter.render();
        self.0.registry.render_histograms(&mut text);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declared_metric_is_there_from_the_start_with_its_help_and_its_type() {
        let metrics = Metrics::default();
        metrics.operations().anonymous();
        let text = metrics.render();
        for name in NAMES.iter().flat_map(|names| names.iter()) {
            assert!(name.starts_with("deskgraph_"), "{name}");
            for line in [format!("# HELP {name} "), format!("# TYPE {name} ")] {
                assert_eq!(text.matches(&line).count(), 1, "{line}\n{text}");
            }
        }
    }

    #[test]
    fn what_is_recorded_is_shown_under_its_labels() {
        let metrics = Metrics::default();
        metrics.deliveries.of((None, DeliveryOutcome::Unauthorized)).add(3);
        let held = metrics.subscribers.of(Transport::WebSocket).increment_until_drop();
        metrics.commit_seconds.record(0.003);
        metrics.commit_seconds.record(100.0);
        let text = metrics.render();
        for line in [
            r#"deskgraph_deliveries_total{kind="unknown",outcome="unauthorized"} 3"#,
            r#"deskgraph_deliveries_total{kind="message.sent",outcome="stored"} 0"#,
            r#"deskgraph_subscribers{transport="websocket"} 1"#,
            r#"deskgraph_writer_commit_seconds_bucket{le="0.0025"} 0"#,
            r#"deskgraph_writer_commit_seconds_bucket{le="0.005"} 1"#,
            r#"deskgraph_writer_commit_seconds_bucket{le="+Inf"} 2"#,
            "deskgraph_writer_commit_seconds_sum 100.003",
            "deskgraph_writer_commit_seconds_count 2",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
        }
        drop(held);
        assert!(metrics.render().contains("deskgraph_subscribers{transport=\"websocket\"} 0\n"));
    }

    #[test]
    fn names_of_operations_are_bounded() {
        let metrics = Metrics::default();
        for name in 0..operations::MOST_NAMES + 50 {
            metrics.operations().named(&format!("Operation{name}")).requests.of(RequestOutcome::Ok).increment();
        }
        metrics.operations().named(&"x".repeat(200)).requests.of(RequestOutcome::Ok).increment();
        let text = metrics.render();
        let shown = text.lines().filter(|line| line.starts_with("deskgraph_graphql_requests_total") && line.contains("\"ok\""));
        // One series for requests without a name, and one for names beyond the bound.
        assert_eq!(shown.count(), operations::MOST_NAMES + 2);
        assert!(text.contains(r#"deskgraph_graphql_requests_total{operation="other",outcome="ok"} 51"#), "{text}");
    }
}
