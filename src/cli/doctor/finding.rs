//! The result of a check, and the output of all results.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Good,
    /// The check does not apply here, or could not be made.
    Skipped,
    /// It works, but not for long, or not in every case.
    Warning,
    /// Something does not work, or data may be lost.
    Problem,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// The result of a check. Warnings and problems require a remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    check: &'static str,
    outcome: Outcome,
    detail: String,
    remedy: Option<String>,
}

impl Finding {
    pub(super) fn good(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, outcome: Outcome::Good, detail: detail.into(), remedy: None }
    }

    pub(super) fn skipped(check: &'static str, why: impl Into<String>) -> Self {
        Self { check, outcome: Outcome::Skipped, detail: why.into(), remedy: None }
    }

    pub(super) fn warning(check: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, outcome: Outcome::Warning, detail: detail.into(), remedy: Some(remedy.into()) }
    }

    pub(super) fn problem(check: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, outcome: Outcome::Problem, detail: detail.into(), remedy: Some(remedy.into()) }
    }

    pub(super) fn is_problem(&self) -> bool {
        self.outcome == Outcome::Problem
    }
}

/// All findings, in the order of the checks.
pub(super) struct Report(Vec<Finding>);

impl Report {
    pub(super) fn new(findings: Vec<Finding>) -> Self {
        Self(findings)
    }

    fn count(&self, outcome: Outcome) -> usize {
        self.0.iter().filter(|finding| finding.outcome == outcome).count()
    }

    /// Prints the report, and returns the exit code: 1 if there is a problem.
    pub(super) fn print(&self, as_json: bool) -> u8 {
        print!("{}", if as_json { format!("{:#}\n", self.json()) } else { self.table() });
        u8::from(self.count(Outcome::Problem) > 0)
    }

    fn json(&self) -> Value {
        let findings = self.0.iter().map(|finding| {
            let Finding { check, outcome, detail, remedy } = finding;
            json!({ "check": check, "outcome": outcome.word(), "detail": detail, "remedy": remedy })
        });
        json!({
            "findings": findings.collect::<Vec<_>>(),
            "problems": self.count(Outcome::Problem),
            "warnings": self.count(Outcome::Warning),
        })
    }

    /// One line for each check, and one for each remedy.
    fn table(&self) -> String {
        let width = self.0.iter().map(|finding| finding.check.len()).max().unwrap_or(0);
        let mut table = String::new();
        for Finding { check, outcome, detail, remedy } in &self.0 {
            let _ = writeln!(table, "{:<8} {check:<width$}  {}", outcome.word(), one_line(detail));
            if let Some(remedy) = remedy {
                let _ = writeln!(table, "{:<8} {:<width$}  → {}", "", "", one_line(remedy));
            }
        }
        let (problems, warnings) = (self.count(Outcome::Problem), self.count(Outcome::Warning));
        let _ = match (problems, warnings) {
            (0, 0) => writeln!(table, "\nall is well"),
            (0, _) => writeln!(table, "\nno problems, {warnings} to watch"),
            (_, _) => writeln!(table, "\nproblems: {problems}, to watch: {warnings}"),
        };
        table
    }
}

/// Replaces line breaks and other control characters, since the text may come from outside.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_a_line_for_each_check_and_each_remedy() {
        let report = Report::new(vec![
            Finding::good("settings", "valid"),
            Finding::skipped("locks", "not here"),
            Finding::warning("disk", "nearly\nfull", "make room"),
            Finding::problem("schema", "too new", "run the newer one"),
        ]);
        let table = report.table();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(
            lines,
            [
                "ok       settings  valid",
                "skipped  locks     not here",
                "warning  disk      nearly full",
                "                   → make room",
                "problem  schema    too new",
                "                   → run the newer one",
                "",
                "problems: 1, to watch: 1",
            ]
        );
        assert_eq!(report.json()["findings"][3]["remedy"], "run the newer one");
        assert!(Report::new(vec![Finding::good("x", "y")]).table().ends_with("\nall is well\n"));
        assert!(Report::new(vec![Finding::warning("x", "y", "z")]).table().ends_with("\nno problems, 1 to watch\n"));
    }
}
