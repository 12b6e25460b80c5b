//! The filters according to the contract: the fields of each and their comparators. A test compares them with the schema, so
//! that no field is untested.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::app::TestApp;

/// A type that can be filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Customer,
    Conversation,
    Message,
    Ticket,
    Staff,
    Event,
}

/// The type of a filter field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    Text,
    /// Ids with this prefix.
    Id(&'static str),
    Word(&'static str, &'static [&'static str]),
    Truth,
    Whole,
    Moment,
    CustomFields,
    /// A to-one relation.
    One(Of),
    /// A to-many relation.
    Many(Of),
    /// The subject of an event.
    Subject,
}

use Takes::{CustomFields, Id, Many, Moment, One, Subject, Text, Truth, Whole, Word};

const PLATFORM: Takes = Word("PlatformFilter", &["ZALO", "FACEBOOK", "WEB", "EMAIL", "OTHER"]);
const MESSAGE_TYPE: Takes =
    Word("MessageTypeFilter", &["TEXT", "IMAGE", "AUDIO", "VIDEO", "FILE", "STICKER", "LOCATION", "LINK", "OTHER"]);
const EVENT_KIND: Takes = Word(
    "EventKindFilter",
    &[
        "MESSAGE_SENT",
        "CONVERSATION_STATUS_CHANGED",
        "CUSTOMER_CREATED",
        "CUSTOMER_UPDATED",
        "CUSTOMER_DELETED",
        "TICKET_CREATED",
        "TICKET_UPDATED",
        "TICKET_DELETED",
    ],
);

impl Of {
    pub(super) const ALL: [Self; 6] = [Self::Customer, Self::Conversation, Self::Message, Self::Ticket, Self::Staff, Self::Event];

    /// Its root list.
    pub(super) fn list(self) -> &'static str {
        ["customers", "conversations", "messages", "tickets", "staffMembers", "events"][self as usize]
    }

    pub(super) fn type_name(self) -> &'static str {
        ["Customer", "Conversation", "Message", "Ticket", "Staff", "Event"][self as usize]
    }

    /// Whether its filters nest.
    pub(super) fn nests(self) -> bool {
        !matches!(self, Self::Staff | Self::Event)
    }

    /// Whether objects can be deleted.
    pub(super) fn dies(self) -> bool {
        matches!(self, Self::Customer | Self::Ticket)
    }

    /// The sort fields of its lists, with their types; the first is the default.
    pub(super) fn orders(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Customer => &[("CREATED_AT", "createdAt"), ("UPDATED_AT", "updatedAt"), ("NAME", "name")],
            Self::Conversation => {
                &[("LAST_MESSAGE_AT", "lastMessageAt"), ("STARTED_AT", "startedAt"), ("UNREAD_COUNT", "unreadCount")]
            }
            Self::Message => &[("SENT_AT", "sentAt")],
            Self::Ticket => &[("CREATED_AT", "createdAt"), ("DUE_AT", "dueAt"), ("UPDATED_AT", "updatedAt"), ("LEVEL", "level")],
            Self::Staff | Self::Event => &[],
        }
    }

    /// The fields of its filter except `and`, `or`, `not` and `search`.
    pub(super) fn fields(self) -> &'static [(&'static str, Takes)] {
        match self {
            Self::Customer => &[
                ("id", Id("cus_")),
                ("name", Text),
                ("phone", Text),
                ("email", Text),
                ("note", Text),
                ("telco", Text),
                ("status", Text),
                ("managerId", Id("stf_")),
                ("createdById", Id("stf_")),
                ("createdAt", Moment),
                ("updatedAt", Moment),
                ("deletedAt", Moment),
                ("customField", CustomFields),
                ("conversations", Many(Self::Conversation)),
                ("tickets", Many(Self::Ticket)),
            ],
            Self::Conversation => &[
                ("id", Id("con_")),
                ("customerId", Id("cus_")),
                ("platform", PLATFORM),
                ("platformName", Text),
                ("channelId", Text),
                ("isClosed", Truth),
                ("chatMode", Word("ChatModeFilter", &["PUBLIC", "PRIVATE", "OTHER"])),
                ("contactId", Text),
                ("contactName", Text),
                ("assignedAt", Moment),
                ("startedAt", Moment),
                ("lastMessageAt", Moment),
                ("messageCount", Whole),
                ("unreadCount", Whole),
                ("hasCustomer", Truth),
                ("assignees", Many(Self::Staff)),
                ("customer", One(Self::Customer)),
                ("messages", Many(Self::Message)),
            ],
            Self::Message => &[
                ("id", Id("msg_")),
                ("conversationId", Id("con_")),
                ("customerId", Id("cus_")),
                ("platform", PLATFORM),
                ("platformName", Text),
                ("direction", Word("DirectionFilter", &["INBOUND", "OUTBOUND"])),
                ("type", MESSAGE_TYPE),
                ("typeName", Text),
                ("text", Text),
                ("isRead", Truth),
                ("sentAt", Moment),
                ("createdAt", Moment),
                ("senderId", Text),
                ("senderName", Text),
                ("channelId", Text),
                ("hasAttachments", Truth),
                ("readBy", Many(Self::Staff)),
                ("conversation", One(Self::Conversation)),
                ("customer", One(Self::Customer)),
            ],
            Self::Ticket => &[
                ("id", Id("tkt_")),
                ("name", Text),
                ("typeId", Text),
                ("level", Word("TicketLevelFilter", &["LOW", "MEDIUM", "HIGH", "OTHER"])),
                ("levelName", Text),
                ("status", Word("TicketStatusFilter", &["PROCESS", "DONE", "CANCEL", "OTHER"])),
                ("statusName", Text),
                ("customerId", Id("cus_")),
                ("storeId", Text),
                ("assigneeId", Id("stf_")),
                ("createdById", Id("stf_")),
                ("createdAt", Moment),
                ("dueAt", Moment),
                ("updatedAt", Moment),
                ("deletedAt", Moment),
                ("isOverdue", Truth),
                ("isReminded", Truth),
                ("customer", One(Self::Customer)),
            ],
            Self::Staff => &[("id", Id("stf_")), ("name", Text)],
            Self::Event => &[("kind", EVENT_KIND), ("receivedAt", Moment), ("subjectId", Subject)],
        }
    }
}

impl Takes {
    /// The comparators, if it is a value.
    pub(super) fn comparators(self) -> &'static [&'static str] {
        match self {
            Text => &["eq", "ne", "in", "notIn", "contains", "startsWith", "endsWith", "isNull"],
            Id(_) => &["eq", "ne", "in", "notIn", "isNull"],
            Word(..) => &["eq", "ne", "in", "notIn"],
            Truth => &["eq", "isNull"],
            Whole => &["eq", "ne", "gt", "gte", "lt", "lte", "in", "isNull"],
            Moment => &["eq", "gt", "gte", "lt", "lte", "isNull"],
            Many(_) => &["some", "none", "every"],
            CustomFields | One(_) | Subject => &[],
        }
    }

    fn input(self) -> String {
        match self {
            Text => "StringFilter".to_owned(),
            Id(_) => "IdFilter".to_owned(),
            Word(name, _) => name.to_owned(),
            Truth => "BooleanFilter".to_owned(),
            Whole => "IntFilter".to_owned(),
            Moment => "DateTimeFilter".to_owned(),
            CustomFields => "CustomFieldFilter".to_owned(),
            One(of) => format!("{}Filter", of.type_name()),
            Many(of) => format!("{}ListFilter", of.type_name()),
            Subject => "ID".to_owned(),
        }
    }
}

#[tokio::test]
async fn every_field_and_comparator_of_the_schema_is_covered() {
    let app = TestApp::new().await;
    let query =
        "query ($name: String!) { __type(name: $name) { inputFields { name type { name ofType { name ofType { name } } } } } }";
    let fields = async |name: &str| -> BTreeSet<(String, String)> {
        let answer = app.query_with(query, serde_json::json!({ "name": name })).await;
        let fields = answer["__type"]["inputFields"].as_array().unwrap_or_else(|| panic!("{name}: {answer}"));
        let named = |kind: &Value| kind["name"].as_str().unwrap_or_default().to_owned();
        let name_of = |kind: &Value| [named(kind), named(&kind["ofType"]), named(&kind["ofType"]["ofType"])].concat();
        fields.iter().map(|field| (field["name"].as_str().unwrap().to_owned(), name_of(&field["type"]))).collect()
    };
    for of in Of::ALL {
        let filter = format!("{}Filter", of.type_name());
        let mut known: BTreeSet<(String, String)> =
            of.fields().iter().map(|(name, takes)| ((*name).to_owned(), takes.input())).collect();
        if of.nests() {
            known.extend(["and", "or", "not"].map(|name| (name.to_owned(), filter.clone())));
        }
        let offered = fields(&filter).await;
        let beyond: Vec<_> = offered.iter().filter(|field| field.0 != "search" && !known.contains(*field)).collect();
        assert!(beyond.is_empty() && known.is_subset(&offered), "{filter}: {beyond:?}, {known:?}");
        for (_, takes) in of.fields().iter().filter(|(_, takes)| !takes.comparators().is_empty()) {
            let offered: BTreeSet<String> = fields(&takes.input()).await.into_iter().map(|(name, _)| name).collect();
            let known: BTreeSet<String> = takes.comparators().iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(offered, known, "{}", takes.input());
        }
    }
    app.stop().await;
}
