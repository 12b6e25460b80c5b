//! Scrapes `/metrics` and parses it by series.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::timeout;

use super::PATIENCE;

pub struct Scraped {
    pub text: String,
    series: BTreeMap<String, String>,
}

impl Scraped {
    /// Scrapes the metrics at an address.
    pub async fn at(base: &str) -> Self {
        let response = reqwest::get(format!("{base}/metrics")).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        Self::of(response.text().await.unwrap())
    }

    fn of(text: String) -> Self {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let series = lines.map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            (series.to_owned(), value.to_owned())
        });
        let series = series.collect();
        Self { text, series }
    }

    /// Scrapes until a series has a value.
    pub async fn until(base: &str, series: &str, count: u64) -> Self {
        let reached = async {
            loop {
                let scraped = Self::at(base).await;
                if scraped.count(series) == count {
                    return scraped;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("{series} does not become {count}"))
    }

    fn text_of(&self, series: &str) -> &str {
        self.series.get(series).unwrap_or_else(|| panic!("{series} is not among\n{}", self.text))
    }

    /// The value of a series as a count.
    pub fn count(&self, series: &str) -> u64 {
        self.text_of(series).parse().unwrap_or_else(|_| panic!("{series} is {}", self.text_of(series)))
    }

    /// The value of a series.
    pub fn value(&self, series: &str) -> f64 {
        self.text_of(series).parse().unwrap()
    }

    /// The series of a metric that are not 0, with their counts.
    pub fn some_of(&self, metric: &str) -> Vec<(&str, u64)> {
        let of = |series: &&String| series.split('{').next() == Some(metric);
        let counted = self.series.keys().filter(of).map(|series| (&series[metric.len()..], self.count(series)));
        counted.filter(|(_, count)| *count > 0).collect()
    }

    /// The names of all metrics; a histogram's without the suffixes of its series.
    pub fn names(&self) -> Vec<&str> {
        self.text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect()
    }
}
