//! A live page as a client maintains it. Every payload is checked against the protocol: its steps fit, are minimal, and each changes
//! something.

use std::collections::HashSet;

use serde_json::{Value, json};

/// The state of the client's page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// Null if not selected.
    pub total: Value,
    pub rows: Vec<Value>,
}

/// The kind of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The whole page.
    Page,
    /// Steps from the previous page.
    Steps,
    /// The page is unchanged.
    Nothing,
}

impl Shown {
    /// The result of the list.
    pub fn of_list(list: &Value) -> Self {
        Self { total: list["totalCount"].clone(), rows: list["nodes"].as_array().expect("a list").clone() }
    }

    /// Applies a payload.
    pub fn take(&mut self, payload: &Value) -> Kind {
        let steps = payload["steps"].as_array().expect("steps");
        self.total = payload["totalCount"].clone();
        if let Some(page) = payload["page"].as_array() {
            assert!(steps.is_empty(), "a page comes without steps: {payload}");
            self.rows.clone_from(page);
            return Kind::Page;
        }
        let before = self.rows.clone();
        let longest = before.len();
        for step in steps {
            self.apply(step);
        }
        assert_minimal(&before, &self.rows, steps);
        assert!(self.rows.len() <= longest.max(before.len() + entered(steps)), "{payload}");
        if steps.is_empty() { Kind::Nothing } else { Kind::Steps }
    }

    fn place(&self, id: &Value) -> Option<usize> {
        self.rows.iter().position(|row| row["id"] == *id)
    }

    fn apply(&mut self, step: &Value) {
        let at = self.place(&step["id"]);
        let kind = step["kind"].as_str().expect("a kind");
        assert_eq!(kind == "ENTERED", at.is_none(), "{step} does not fit {:?}", ids(&self.rows));
        assert_eq!(kind == "LEFT", step["node"].is_null(), "{step}");
        assert!(kind == "LEFT" || step["node"]["id"] == step["id"], "{step}");
        match (kind, at) {
            ("UPDATED", Some(at)) => {
                assert_ne!(self.rows[at], step["node"], "an update without a change");
                self.rows[at] = step["node"].clone();
                return;
            }
            (_, Some(at)) => drop(self.rows.remove(at)),
            (_, None) => {}
        }
        if kind != "LEFT" {
            let after = &step["afterId"];
            let behind = if after.is_null() { 0 } else { self.place(after).expect("the row to insert behind") + 1 };
            self.rows.insert(behind, step["node"].clone());
        }
    }
}

fn ids(rows: &[Value]) -> Vec<&Value> {
    rows.iter().map(|row| &row["id"]).collect()
}

fn entered(steps: &[Value]) -> usize {
    steps.iter().filter(|step| step["kind"] == "ENTERED").count()
}

/// Asserts that the steps are minimal: at most one for each row, with as few moves as possible.
fn assert_minimal(before: &[Value], after: &[Value], steps: &[Value]) {
    let (was, is) = (ids(before), ids(after));
    let of = |kind: &str| steps.iter().filter(|step| step["kind"] == kind).count();
    let stepped: HashSet<String> = steps.iter().map(|step| step["id"].to_string()).collect();
    assert_eq!(stepped.len(), steps.len(), "a row has one step: {}", json!(steps));
    let left = was.iter().filter(|id| !is.contains(id)).count();
    let places: Vec<usize> = is.iter().filter_map(|id| was.iter().position(|other| other == id)).collect();
    let moved = places.len() - longest_rise(&places);
    assert_eq!((of("LEFT"), of("ENTERED"), of("MOVED")), (left, is.len() - places.len(), moved), "{}", json!(steps));
}

/// The length of the longest increasing subsequence.
fn longest_rise(numbers: &[usize]) -> usize {
    let mut ends: Vec<usize> = Vec::new();
    for number in numbers {
        let at = ends.partition_point(|end| end < number);
        if at == ends.len() {
            ends.push(*number);
        } else {
            ends[at] = *number;
        }
    }
    ends.len()
}
