//! `/metrics`: what is counted, who may read it, and that dashboard and alerts name nothing else.

mod counted;
mod ops;
mod reading;
