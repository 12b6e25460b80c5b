//! Why the server closes a socket: the code and reason of the close frame.
//!
//! Codes from 4400 and their reasons come from the `graphql-transport-ws` protocol and its reference server, the others from
//! RFC 6455. A reason has at most 123 bytes, the room in a close frame.

use std::{borrow::Cow, time::Duration};

use tungstenite::protocol::CloseFrame;

/// The maximum length of a reason: a control frame holds 125 bytes, and the code takes two.
const MAX_REASON_BYTES: usize = 123;

/// Why a socket is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// The client sent `connection_terminate`.
    Done,
    /// The server is stopping.
    GoingAway,
    /// No operation ran for this time.
    Idle(Duration),
    /// The client violated the WebSocket protocol.
    NotWebSocket,
    /// A text message is not UTF-8.
    NotUtf8,
    /// A message is longer than this number of bytes.
    TooBig(usize),
    /// The client read nothing for this time while a frame was waiting.
    NotReading(Duration),
    /// The client sent nothing for this time after a ping.
    Silent(Duration),
    /// A message is not valid in the sub-protocol.
    BadMessage(String),
    /// An operation was started before `connection_ack`, or the client is not authenticated.
    Unauthorized,
    /// `connection_init` was refused, or the client's credential has ended.
    Forbidden(String),
    /// The client can't be authenticated at the moment.
    Unavailable,
    /// The client's credential has its maximum number of connections.
    Limited,
    /// The client offered no supported sub-protocol.
    SubprotocolNotAcceptable,
    /// `connection_init` did not arrive in time.
    InitTimeout,
    /// A running operation already has this id.
    DuplicateId(String),
    /// A second `connection_init`.
    TooManyInits,
}

impl Closing {
    /// The code of the close frame.
    ///
    /// A client that is too slow gets 1013 (try again later), which makes clients reconnect.
    pub(super) fn code(&self) -> u16 {
        match self {
            Self::Done => 1000,
            Self::GoingAway | Self::Idle(_) => 1001,
            Self::NotWebSocket => 1002,
            Self::NotUtf8 => 1007,
            Self::TooBig(_) => 1009,
            Self::NotReading(_) | Self::Silent(_) | Self::Unavailable | Self::Limited => 1013,
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
            Self::TooBig(limit) => format!("Message larger than {limit} bytes").into(),
            Self::NotReading(time) => format!("Client read nothing for {} s", time.as_secs_f32()).into(),
            Self::Silent(time) => format!("No response to a ping for {} s", time.as_secs_f32()).into(),
            Self::BadMessage(why) => format!("Invalid message received: {why}").into(),
            Self::Unauthorized => "Unauthorized".into(),
            Self::Forbidden(why) => why.clone().into(),
            Self::Unavailable => "Try again later".into(),
            Self::Limited => "Too many connections".into(),
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
    pub(super) fn frame(&self) -> CloseFrame {
        CloseFrame { code: self.code().into(), reason: (&*self.reason()).into() }
    }
}

/// The longest prefix of `text` with at most `bytes` bytes.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_always_fits_a_close_frame() {
        for long in ["ệ".repeat(200), "x".repeat(4000)] {
            for closing in [Closing::BadMessage(long.clone()), Closing::Forbidden(long.clone()), Closing::DuplicateId(long)] {
                assert!(closing.reason().len() <= MAX_REASON_BYTES, "{closing:?}");
            }
        }
        assert_eq!(Closing::DuplicateId("a".into()).reason(), "Subscriber for a already exists");
        assert!(Closing::DuplicateId("x".repeat(200)).reason().ends_with(" already exists"));
    }
}
