//! Why a scheme does not let a delivery in. The reasons are written for the sender: they say what to change, and hold nothing
//! that was sent, so that they can be logged.

use std::borrow::Cow;

/// A text for the sender.
pub(in crate::http) type Reason = Cow<'static, str>;

/// Why one scheme does not let a delivery in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) enum Refused {
    /// The delivery does not use the scheme.
    Absent(Reason),
    /// It does, and is wrong.
    Wrong(Reason),
}

impl Refused {
    pub(super) fn absent(reason: impl Into<Reason>) -> Self {
        Self::Absent(reason.into())
    }

    pub(super) fn wrong(reason: impl Into<Reason>) -> Self {
        Self::Wrong(reason.into())
    }
}
