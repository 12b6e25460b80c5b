//! Progress bars on standard error, shown only if it is a terminal.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for `total` items; `unit` is their name.
pub(super) fn bar(total: u64, unit: &str) -> ProgressBar {
    let style = format!("{{elapsed_precise}} {{wide_bar}} {{human_pos}}/{{human_len}} {unit} {{per_sec}} {{eta}}");
    styled(ProgressBar::new(total), &style)
}

/// A bar for bytes.
pub(super) fn bytes(total: u64) -> ProgressBar {
    styled(ProgressBar::new(total), "{elapsed_precise} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} {msg}")
}

/// A counter for items whose total is unknown.
pub(super) fn count(unit: &str) -> ProgressBar {
    styled(ProgressBar::new_spinner(), &format!("{{elapsed_precise}} {{spinner}} {{human_pos}} {unit} {{msg}}"))
}

fn styled(bar: ProgressBar, style: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    bar.with_style(ProgressStyle::with_template(style).expect("the template is valid"))
}
