//! Hidden objects do not exist for a role: every possible request gives the same bytes on a gateway where hidden objects are
//! stored and on one where they never were.
//!
//! Requests are generated from the schema (`requests`), with values of the hidden objects (`values`). So a new field is tested
//! automatically; a new kind of argument or input fails the test until its values are defined.
//!
//! Everything is tried with a role whose rules name the hidden objects, with a role for a staff member, and with rules for one
//! type each. There are too many filters for a regular test run, so each role gets every n-th, the same in each run; of those,
//! nested lists get every eleventh and statistics every fifth. Set n to 1 in `hidden` and `masks` to try all.

mod gateways;
mod hidden;
mod live;
mod masks;
mod requests;
mod sdl;
mod select;
mod story;
mod values;
