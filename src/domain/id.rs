//! Global ids: a type prefix followed by the CRM's own id. They are readable, and a rebuild yields the same ids, since they are
//! derived from the source ids. Only this module builds and parses them.

use std::{fmt, str::FromStr};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::change::SubjectType;

/// In a message's key the platform ends at the first `_`, so `_` and `%` in the platform's name are percent-encoded.
const PLATFORM: &AsciiSet = &CONTROLS.add(b'%').add(b'_');

/// The unique key of a message: `<platform>_<message id>`.
pub fn message_key(platform_key: &str, message_id: &str) -> String {
    format!("{}_{message_id}", utf8_percent_encode_ascii(platform_key))
}

/// Encodes only ASCII characters; others in a platform's name are kept.
fn utf8_percent_encode_ascii(platform: &str) -> String {
    platform
        .split_inclusive(|c: char| !c.is_ascii())
        .flat_map(|part| {
            let ascii_end = part.find(|c: char| !c.is_ascii()).unwrap_or(part.len());
            utf8_percent_encode(&part[..ascii_end], PLATFORM).chain(std::iter::once(&part[ascii_end..]))
        })
        .collect()
}

/// The global id of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeId {
    /// `cus_` and the customer's id
    Customer(String),
    /// `con_` and the conversation's id
    Conversation(String),
    /// `msg_` and the message's key
    Message(String),
    /// `tkt_` and any id of the ticket
    Ticket(String),
    /// `stf_` and the staff member's id
    Staff(String),
    /// `evt_` and the event's sequence number
    Event(i64),
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(id) => write!(f, "cus_{id}"),
            Self::Conversation(id) => write!(f, "con_{id}"),
            Self::Message(key) => write!(f, "msg_{key}"),
            Self::Ticket(id) => write!(f, "tkt_{id}"),
            Self::Staff(id) => write!(f, "stf_{id}"),
            Self::Event(seq) => write!(f, "evt_{seq}"),
        }
    }
}

/// A text that is not a global id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a global id: expected cus_…, con_…, msg_<platform>_…, tkt_…, stf_… or evt_<number>")]
pub struct InvalidId(pub String);

impl FromStr for NodeId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId(text.chars().take(64).collect());
        let (prefix, rest) = text.split_once('_').filter(|(_, rest)| !rest.is_empty()).ok_or_else(invalid)?;
        let rest_owned = || rest.to_owned();
        match prefix {
            "cus" => Ok(Self::Customer(rest_owned())),
            "con" => Ok(Self::Conversation(rest_owned())),
            "msg" => Ok(Self::Message(rest_owned())),
            "tkt" => Ok(Self::Ticket(rest_owned())),
            "stf" => Ok(Self::Staff(rest_owned())),
            "evt" => rest.parse().map(Self::Event).map_err(|_| invalid()),
            _ => Err(invalid()),
        }
    }
}

/// The source ids that a by-id field may mean, in the order to try them. A value with the field's own prefix is tried as a
/// global id, then as a source id; any other value is a source id.
pub fn source_ids<'a>(prefix: &str, value: &'a str) -> impl Iterator<Item = &'a str> {
    let global = value.strip_prefix(prefix).filter(|rest| !rest.is_empty());
    global.into_iter().chain(std::iter::once(value))
}

/// The candidates for an id of unknown type: types with source ids, in the order to try them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SubjectIds(pub Vec<(SubjectType, String)>);

impl SubjectIds {
    /// The value as a global id first, then as a source id of every type.
    pub fn of(value: String) -> Self {
        let global = match value.parse() {
            Ok(NodeId::Customer(id)) => Some((SubjectType::Customer, id)),
            Ok(NodeId::Conversation(id)) => Some((SubjectType::Conversation, id)),
            Ok(NodeId::Message(key)) => Some((SubjectType::Message, key)),
            Ok(NodeId::Ticket(id)) => Some((SubjectType::Ticket, id)),
            Ok(NodeId::Staff(_) | NodeId::Event(_)) | Err(_) => None,
        };
        let types = [SubjectType::Customer, SubjectType::Conversation, SubjectType::Message];
        let mut ids: Vec<_> = global.into_iter().chain(types.map(|subject| (subject, value.clone()))).collect();
        ids.push((SubjectType::Ticket, value));
        Self(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::{NodeId, message_key, source_ids};

    #[test]
    fn ids_read_back_as_they_were_written() {
        for text in ["cus_64f2", "con_a_b", "msg_zalo_zl-4f1c0a9e7b", "tkt_TK-1", "stf_7", "evt_12"] {
            assert_eq!(text.parse::<NodeId>().unwrap().to_string(), text);
        }
        for text in ["", "cus_", "cus", "xyz_1", "evt_one"] {
            assert!(text.parse::<NodeId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_platform_with_an_underscore_can_not_be_taken_for_another() {
        assert_eq!(message_key("a_b", "c"), "a%5Fb_c");
        assert_eq!(message_key("a", "b_c"), "a_b_c");
        assert_eq!(message_key("50%đ_é", "x"), "50%25đ%5Fé_x");
    }

    #[test]
    fn a_value_with_the_fields_own_prefix_is_tried_as_a_global_id_first() {
        assert_eq!(source_ids("cus_", "cus_7").collect::<Vec<_>>(), ["7", "cus_7"]);
        assert_eq!(source_ids("cus_", "7").collect::<Vec<_>>(), ["7"]);
        assert_eq!(source_ids("cus_", "cus_").collect::<Vec<_>>(), ["cus_"]);
    }
}
