//! The table: cases as rows, sizes as columns.

use crate::{cases::Case, series::Outcome};

/// The largest growth of a promised case.
const PROMISE: f64 = 2.0;

/// Prints the table.
pub(crate) fn print(columns: &[String], cases: &[Case], rows: &[Vec<Outcome>]) {
    let name = cases.iter().map(|case| case.name.chars().count()).max().unwrap_or_default() + 2;
    print!("{:name$}", "");
    for column in columns {
        print!(" │ {column:>21}");
    }
    println!(" │");
    print!("{:name$}", "µs");
    for _ in columns {
        print!(" │ {:>10} {:>10}", "p50", "p99");
    }
    println!(" │  growth");
    for (case, outcomes) in cases.iter().zip(rows) {
        print!("{:name$}", format!("{}{}", case.name, if case.promised { " *" } else { "" }));
        for outcome in outcomes {
            match outcome {
                Outcome::Took { p50, p99, .. } => print!(" │ {:>10} {:>10}", grouped(*p50), grouped(*p99)),
                Outcome::Failed(code) => print!(" │ {code:>21}"),
            }
        }
        let growth = growth(outcomes.first(), outcomes.last());
        let broken = if case.promised && growth.is_some_and(|growth| growth > PROMISE) { " !" } else { "" };
        println!(" │ {:>6}×{broken}", growth.map_or_else(|| "–".to_owned(), |growth| format!("{growth:.2}")));
    }
    println!("* promised to grow by {PROMISE}× at most from 10,000 messages to 1,000,000");
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of minutes are exact in a float")]
fn growth(first: Option<&Outcome>, last: Option<&Outcome>) -> Option<f64> {
    match (first?, last?) {
        (Outcome::Took { p50: first, .. }, Outcome::Took { p50: last, .. }) => Some(*last as f64 / (*first).max(1) as f64),
        _ => None,
    }
}

/// With a comma at every thousand.
pub(crate) fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
