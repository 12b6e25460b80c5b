//! The dashboard and alerts in `ops/` name only exported metrics and labels, and the dashboard shows every metric.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::support::{app::TestApp, scraped::Scraped};

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ops").join(name)).unwrap()
}

/// The names in a text that start with `deskgraph_`.
fn named(text: &str) -> BTreeSet<&str> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.split(|character| !is_part(character)).filter(|word| word.starts_with("deskgraph_")).collect()
}

/// The metric that a series belongs to.
fn metric<'a>(series: &'a str, histograms: &BTreeSet<&str>) -> &'a str {
    let of_histogram = ["_bucket", "_sum", "_count"].into_iter().find_map(|suffix| series.strip_suffix(suffix));
    of_histogram.filter(|name| histograms.contains(name)).unwrap_or(series)
}

#[tokio::test]
async fn dashboard_and_alerts_name_only_exported_metrics_and_the_dashboard_shows_all() {
    let app = TestApp::new().await;
    app.query("query Named { head }").await;
    let scraped = Scraped::at(&app.base).await;
    let exported: BTreeSet<&str> = scraped.names().into_iter().collect();
    let types = scraped.text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" histogram"));
    let histograms: BTreeSet<&str> = types.collect();
    let mut shown = BTreeSet::new();
    for (name, shows) in [("grafana-dashboard.json", true), ("alerts.yml", false)] {
        let text = file(name);
        let names: BTreeSet<String> = named(&text).into_iter().map(|series| metric(series, &histograms).to_owned()).collect();
        assert!(!names.is_empty());
        for metric in &names {
            assert!(exported.contains(metric.as_str()), "{name} names {metric}, which is not exported");
        }
        if shows {
            shown = names;
        }
    }
    let hidden: Vec<&str> = exported.into_iter().filter(|name| !shown.contains(*name)).collect();
    assert!(hidden.is_empty(), "not on the dashboard: {hidden:?}");
}

#[tokio::test]
async fn label_values_in_alerts_are_exported() {
    let app = TestApp::new().await;
    let scraped = Scraped::at(&app.base).await;
    let (alerts, dashboard) = (file("alerts.yml"), file("grafana-dashboard.json").replace("\\\"", "\""));
    let mut seen = 0;
    for label in ["outcome", "reason", "state"] {
        for text in [&alerts, &dashboard] {
            for (at, _) in text.match_indices(&format!("{label}=")) {
                let value = text[at + label.len() + 1..].trim_start_matches('~').trim_start_matches('"');
                for value in value[..value.find('"').unwrap()].split('|') {
                    assert!(scraped.text.contains(&format!("{label}=\"{value}\"")), "{label}=\"{value}\" is not exported");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 5, "{seen}");
}

#[test]
fn dashboard_panels_have_a_title_and_a_query_and_do_not_overlap() {
    let dashboard: Value = serde_json::from_str(&file("grafana-dashboard.json")).unwrap();
    let (mut ids, mut places) = (BTreeSet::new(), BTreeSet::new());
    for panel in dashboard["panels"].as_array().unwrap() {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{panel}");
        let place = &panel["gridPos"];
        let (x, y) = (place["x"].as_u64().unwrap(), place["y"].as_u64().unwrap());
        for x in x..x + place["w"].as_u64().unwrap() {
            for y in y..y + place["h"].as_u64().unwrap() {
                assert!(x < 24 && places.insert((x, y)), "{panel}");
            }
        }
        assert!(!panel["title"].as_str().unwrap().is_empty());
        if panel["type"] != "row" {
            let targets = panel["targets"].as_array().unwrap();
            assert!(targets.iter().all(|target| target["expr"].as_str().unwrap().contains("deskgraph_")), "{panel}");
        }
    }
    assert!(ids.len() > 20);
}
