//! What a role may not see does not exist for it: everything that can be asked is asked where hidden objects are stored and
//! where they never were, and both answers have the same bytes.
//!
//! What is asked is made from the schema (`ask`), with values of the hidden objects (`values`), so a new field is tried without
//! a word here; an argument or input of a new kind fails the test until someone says what its values are.
//!
//! Everything is tried with a role whose rules name what is hidden, with that of a staff member, and with rules for one type
//! each. Filters are too many for a test that runs always, so each role gets every n-th, the same in each run, and of those
//! nested lists every eleventh and statistics every fifth. Set n to 1 in `hidden` and `masks` to try all.

mod ask;
mod desks;
mod hidden;
mod live;
mod masks;
mod sdl;
mod select;
mod story;
mod values;
