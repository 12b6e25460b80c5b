//! The filters according to the contract: the fields of each and their comparators. A test compares them with the schema, so
//! that no field is untested.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::app::TestApp;

/// A type that can be filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ObjectType {
    Customer,
    Conversation,
    Message,
    Ticket,
    Staff,
    Event,
}

/// The type of a filter field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldType {
    Text,
    /// Ids with this prefix.
    Id(&'static str),
    /// The name of the filter of an enum, and the enum's values.
    Enum(&'static str, &'static [&'static str]),
    Boolean,
    Integer,
    Time,
    CustomFields,
    /// A to-one relation.
    One(ObjectType),
    /// A to-many relation.
    Many(ObjectType),
    /// The subject of an event.
    Subject,
}

use FieldType::{Boolean, CustomFields, Enum, Id, Integer, Many, One, Subject, Text, Time};

const PLATFORM: FieldType = Enum("PlatformFilter", &["ZALO", "FACEBOOK", "WEB", "EMAIL", "OTHER"]);
const MESSAGE_TYPE: FieldType =
    Enum("MessageTypeFilter", &["TEXT", "IMAGE", "AUDIO", "VIDEO", "FILE", "STICKER", "LOCATION", "LINK", "OTHER"]);
const EVENT_KIND: FieldType = Enum(
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

impl ObjectType {
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

    /// Whether objects of this type can be deleted.
    pub(super) fn can_be_deleted(self) -> bool {
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
    pub(super) fn fields(self) -> &'static [(&'static str, FieldType)] {
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
                ("createdAt", Time),
                ("updatedAt", Time),
                ("deletedAt", Time),
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
                ("isClosed", Boolean),
                ("chatMode", Enum("ChatModeFilter", &["PUBLIC", "PRIVATE", "OTHER"])),
                ("contactId", Text),
                ("contactName", Text),
                ("assignedAt", Time),
                ("startedAt", Time),
                ("lastMessageAt", Time),
                ("messageCount", Integer),
                ("unreadCount", Integer),
                ("hasCustomer", Boolean),
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
                ("direction", Enum("DirectionFilter", &["INBOUND", "OUTBOUND"])),
                ("type", MESSAGE_TYPE),
                ("typeName", Text),
                ("text", Text),
                ("isRead", Boolean),
                ("sentAt", Time),
                ("createdAt", Time),
                ("senderId", Text),
                ("senderName", Text),
                ("channelId", Text),
                ("hasAttachments", Boolean),
                ("readBy", Many(Self::Staff)),
                ("conversation", One(Self::Conversation)),
                ("customer", One(Self::Customer)),
            ],
            Self::Ticket => &[
                ("id", Id("tkt_")),
                ("name", Text),
                ("typeId", Text),
                ("level", Enum("TicketLevelFilter", &["LOW", "MEDIUM", "HIGH", "OTHER"])),
                ("levelName", Text),
                ("status", Enum("TicketStatusFilter", &["PROCESS", "DONE", "CANCEL", "OTHER"])),
                ("statusName", Text),
                ("customerId", Id("cus_")),
                ("storeId", Text),
                ("assigneeId", Id("stf_")),
                ("createdById", Id("stf_")),
                ("createdAt", Time),
                ("dueAt", Time),
                ("updatedAt", Time),
                ("deletedAt", Time),
                ("isOverdue", Boolean),
                ("isReminded", Boolean),
                ("customer", One(Self::Customer)),
            ],
            Self::Staff => &[("id", Id("stf_")), ("name", Text)],
            Self::Event => &[("kind", EVENT_KIND), ("receivedAt", Time), ("subjectId", Subject)],
        }
    }
}

impl FieldType {
    /// The comparators, if it is a value.
    pub(super) fn comparators(self) -> &'static [&'static str] {
        match self {
            Text => &["eq", "ne", "in", "notIn", "contains", "startsWith", "endsWith", "isNull"],
            Id(_) => &["eq", "ne", "in", "notIn", "isNull"],
            Enum(..) => &["eq", "ne", "in", "notIn"],
            Boolean => &["eq", "isNull"],
            Integer => &["eq", "ne", "gt", "gte", "lt", "lte", "in", "isNull"],
            Time => &["eq", "gt", "gte", "lt", "lte", "isNull"],
            Many(_) => &["some", "none", "every"],
            CustomFields | One(_) | Subject => &[],
        }
    }

    fn input(self) -> String {
        match self {
            Text => "StringFilter".to_owned(),
            Id(_) => "IdFilter".to_owned(),
            Enum(name, _) => name.to_owned(),
            Boolean => "BooleanFilter".to_owned(),
            Integer => "IntFilter".to_owned(),
            Time => "DateTimeFilter".to_owned(),
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
    for of in ObjectType::ALL {
        let filter = format!("{}Filter", of.type_name());
        let mut known: BTreeSet<(String, String)> =
            of.fields().iter().map(|(name, field_type)| ((*name).to_owned(), field_type.input())).collect();
        if of.nests() {
            known.extend(["and", "or", "not"].map(|name| (name.to_owned(), filter.clone())));
        }
        let offered = fields(&filter).await;
        let beyond: Vec<_> = offered.iter().filter(|field| field.0 != "search" && !known.contains(*field)).collect();
        assert!(beyond.is_empty() && known.is_subset(&offered), "{filter}: {beyond:?}, {known:?}");
        for (_, field_type) in of.fields().iter().filter(|(_, field_type)| !field_type.comparators().is_empty()) {
            let offered: BTreeSet<String> = fields(&field_type.input()).await.into_iter().map(|(name, _)| name).collect();
            let known: BTreeSet<String> = field_type.comparators().iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(offered, known, "{}", field_type.input());
        }
    }
    app.stop().await;
}
