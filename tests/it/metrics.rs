//! `/metrics`: counters and labels, access control, and that the dashboard and alerts name only exported metrics.

mod counted;
mod ops;
mod reading;
