//! Why a scheme refuses a delivery. The reasons are written for the sender: they say what to change, and contain nothing that
//! was sent, so that they can be logged.

use std::borrow::Cow;

/// A text for the sender.
pub(in crate::http) type Reason = Cow<'static, str>;

/// Why one scheme refuses a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) enum Refused {
    /// The delivery does not use the scheme.
    Absent(Reason),
    /// The delivery uses the scheme, but incorrectly.
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
