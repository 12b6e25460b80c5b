//! WebSocket frames as sent by a server: neither masked nor fragmented.

/// The kinds of frame that a subscriber distinguishes.
pub(crate) enum Frame<'a> {
    Text(&'a [u8]),
    Ping,
    /// With its code and reason.
    Close(String),
    Other,
}

/// The first frame and the bytes after it; `None` if it is incomplete.
pub(crate) fn split(bytes: &[u8]) -> Option<(Frame<'_>, &[u8])> {
    let (&[first, length], rest) = bytes.split_first_chunk()?;
    let (length, rest) = match length {
        126 => {
            let (length, rest) = rest.split_first_chunk()?;
            (u16::from_be_bytes(*length).into(), rest)
        }
        127 => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::try_from(u64::from_be_bytes(*length)).ok()?, rest)
        }
        length => (length.into(), rest),
    };
    let (payload, behind) = rest.split_at_checked(length)?;
    let frame = match first & 0xf {
        1 => Frame::Text(payload),
        8 => Frame::Close(reason(payload)),
        9 => Frame::Ping,
        _ => Frame::Other,
    };
    Some((frame, behind))
}

fn reason(payload: &[u8]) -> String {
    match payload.split_first_chunk() {
        Some((code, reason)) => format!("{} {}", u16::from_be_bytes(*code), String::from_utf8_lossy(reason)),
        None => "without a code".to_owned(),
    }
}
