//! Why the server closes a socket: the code and the reason that go into the close frame. Codes from 4400 and their wording
//! are those of the `graphql-transport-ws` protocol and its reference server, the others are those of RFC 6455.
//! A reason never exceeds the 123 bytes a close frame has room for.

use std::{borrow::Cow, time::Duration};

use axum::extract::ws::{CloseFrame, Message};

/// The bytes that a close frame leaves for the reason.
const MAX_REASON_BYTES: usize = 123;

/// Why a socket is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// The client asked for it in so many words.
    Done,
    /// The server stops.
    GoingAway,
    /// No operation ran for the time given.
    Idle(Duration),
    /// What came in is not WebSocket.
    NotWebSocket,
    /// A text message is not UTF-8.
    NotUtf8,
    /// A message is longer than the limit given.
    TooBig(usize),
    /// A frame waited for the time given, and the client read nothing.
    NotReading(Duration),
    /// A ping found no answer in the time given.
    Silent(Duration),
    /// A message is not of the protocol.
    BadMessage(String),
    /// An operation before the acknowledgement.
    Unauthorized,
    /// `connection_init` was refused.
    Forbidden(String),
    /// No sub-protocol that both sides speak.
    SubprotocolNotAcceptable,
    /// `connection_init` did not come in time.
    InitTimeout,
    /// The id of a running operation was used again.
    DuplicateId(String),
    /// A second `connection_init`.
    TooManyInits,
}

impl Closing {
    /// The code of the close frame.
    ///
    /// A client that was too slow gets 1013 (try again later), which clients answer by connecting again.
    pub(super) fn code(&self) -> u16 {
        match self {
            Self::Done => 1000,
            Self::GoingAway | Self::Idle(_) => 1001,
            Self::NotWebSocket => 1002,
            Self::NotUtf8 => 1007,
            Self::TooBig(_) => 1009,
            Self::NotReading(_) | Self::Silent(_) => 1013,
            Self::BadMessage(_) => 4400,
            Self::Unauthorized => 4401,
            Self::Forbidden(_) => 4403,
            Self::SubprotocolNotAcceptable => 4406,
            Self::InitTimeout => 4408,
            Self::DuplicateId(_) => 4409,
            Self::TooManyInits => 4429,
        }
    }

    /// The reason of the close frame.
    pub(super) fn reason(&self) -> Cow<'static, str> {
        let reason: Cow<'static, str> = match self {
            Self::Done => "Normal closure".into(),
            Self::GoingAway => "Going away".into(),
            Self::Idle(time) => format!("No operation for {} s", time.as_secs_f32()).into(),
            Self::NotWebSocket => "Protocol error".into(),
            Self::NotUtf8 => "Text is not UTF-8".into(),
            Self::TooBig(limit) => format!("A message may have {limit} bytes").into(),
            Self::NotReading(time) => format!("Nothing was read for {} s", time.as_secs_f32()).into(),
            Self::Silent(time) => format!("A ping found no answer for {} s", time.as_secs_f32()).into(),
            Self::BadMessage(why) => format!("Invalid message received: {why}").into(),
            Self::Unauthorized => "Unauthorized".into(),
            Self::Forbidden(why) => why.clone().into(),
            Self::SubprotocolNotAcceptable => "Subprotocol not acceptable".into(),
            Self::InitTimeout => "Connection initialisation timeout".into(),
            Self::DuplicateId(id) => {
                let room = MAX_REASON_BYTES - "Subscriber for  already exists".len();
                format!("Subscriber for {} already exists", cut(id, room)).into()
            }
            Self::TooManyInits => "Too many initialisation requests".into(),
        };
        if reason.len() <= MAX_REASON_BYTES { reason } else { cut(&reason, MAX_REASON_BYTES).to_owned().into() }
    }

    /// The close frame.
    pub(super) fn frame(&self) -> Message {
        let reason = self.reason();
        Message::Close(Some(CloseFrame { code: self.code(), reason: (&*reason).into() }))
    }
}

/// The longest beginning of `text` with at most `bytes` bytes.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_a_close_frame_whatever_the_client_sent() {
        for long in ["ệ".repeat(200), "x".repeat(4000)] {
            for closing in [Closing::BadMessage(long.clone()), Closing::Forbidden(long.clone()), Closing::DuplicateId(long)] {
                assert!(closing.reason().len() <= MAX_REASON_BYTES, "{closing:?}");
            }
        }
        assert_eq!(Closing::DuplicateId("a".into()).reason(), "Subscriber for a already exists");
        assert!(Closing::DuplicateId("x".repeat(200)).reason().ends_with(" already exists"));
    }
}
