//! The members of the schema that reveal the value of a field: filters, orders, dimensions and lists. They are refused if the
//! field is masked.
//!
//! A filter field reveals the field of the same name in the filtered type; all other cases are listed in [`REVEALS`]. A test
//! checks that every member of the schema that can reveal something is classified.

/// A member of the schema (a field of an object or input type, or an enum value), and the fields whose values it reveals.
type Reveals = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Members that reveal fields of another name.
#[rustfmt::skip]
const REVEALS: &[Reveals] = &[
    ("CustomerFilter", "managerId", &[("Customer", "manager")]),
    ("CustomerFilter", "createdById", &[("Customer", "createdBy")]),
    ("CustomerFilter", "status", &[("CustomerStatus", "name")]),
    ("CustomFieldFilter", "value", &[("CustomField", "value")]),
    ("CustomFieldFilter", "number", &[("CustomField", "value")]),
    ("CustomerOrderField", "NAME", &[("Customer", "name")]),
    ("CustomerOrderField", "UPDATED_AT", &[("Customer", "updatedAt")]),
    ("CustomerDimension", "TIME", &[("Customer", "createdAt")]),
    ("CustomerDimension", "STATUS", &[("CustomerStatus", "name")]),
    ("CustomerDimension", "MANAGER", &[("Customer", "manager")]),
    ("CustomerDimension", "TELCO", &[("Customer", "telco")]),
    ("CustomFieldKey", "isNumeric", &[("CustomField", "value")]),
    ("Customer", "conversations", &[("Conversation", "customer")]),
    ("Customer", "messages", &[("Message", "customer")]),
    ("Customer", "tickets", &[("Ticket", "customer"), ("Ticket", "customerSourceId")]),
    ("CustomerFilter", "conversations", &[("Conversation", "customer")]),
    ("CustomerFilter", "tickets", &[("Ticket", "customer"), ("Ticket", "customerSourceId")]),
    ("ConversationFilter", "customerId", &[("Conversation", "customer")]),
    ("ConversationFilter", "hasCustomer", &[("Conversation", "customer")]),
    ("ConversationFilter", "channelId", &[("Conversation", "channel"), ("Channel", "sourceId")]),
    ("ConversationFilter", "contactId", &[("Conversation", "contact"), ("Participant", "sourceId")]),
    ("ConversationFilter", "contactName", &[("Conversation", "contact"), ("Participant", "name")]),
    ("ConversationOrderField", "STARTED_AT", &[("Conversation", "startedAt")]),
    ("ConversationDimension", "TIME", &[("Conversation", "startedAt")]),
    ("ConversationDimension", "CHANNEL", &[("Conversation", "channel"), ("Channel", "sourceId")]),
    ("MessageFilter", "customerId", &[("Message", "customer")]),
    ("MessageFilter", "senderId", &[("Participant", "sourceId")]),
    ("MessageFilter", "senderName", &[("Participant", "name")]),
    ("MessageFilter", "channelId", &[("Message", "channel"), ("Channel", "sourceId")]),
    ("MessageDimension", "CHANNEL", &[("Message", "channel"), ("Channel", "sourceId")]),
    ("MessageStats", "customers", &[("Message", "customer")]),
    ("TicketFilter", "customerId", &[("Ticket", "customer"), ("Ticket", "customerSourceId")]),
    ("TicketFilter", "customer", &[("Ticket", "customer"), ("Ticket", "customerSourceId")]),
    ("TicketFilter", "assigneeId", &[("Ticket", "assignee")]),
    ("TicketFilter", "createdById", &[("Ticket", "createdBy")]),
    ("TicketFilter", "level", &[("Ticket", "level"), ("Ticket", "levelName")]),
    ("TicketFilter", "levelName", &[("Ticket", "level"), ("Ticket", "levelName")]),
    ("TicketFilter", "status", &[("Ticket", "status"), ("Ticket", "statusName")]),
    ("TicketFilter", "statusName", &[("Ticket", "status"), ("Ticket", "statusName")]),
    ("TicketFilter", "isOverdue", &[("Ticket", "dueAt"), ("Ticket", "status"), ("Ticket", "statusName")]),
    ("Ticket", "isOverdue", &[("Ticket", "dueAt"), ("Ticket", "status"), ("Ticket", "statusName")]),
    ("TicketFilter", "isReminded", &[("Ticket", "reminder")]),
    ("Ticket", "remindAt", &[("Ticket", "dueAt"), ("Ticket", "reminder")]),
    ("TicketOrderField", "DUE_AT", &[("Ticket", "dueAt")]),
    ("TicketOrderField", "UPDATED_AT", &[("Ticket", "updatedAt")]),
    ("TicketOrderField", "LEVEL", &[("Ticket", "level"), ("Ticket", "levelName")]),
    ("TicketDimension", "TIME", &[("Ticket", "createdAt")]),
    ("TicketDimension", "LEVEL", &[("Ticket", "level"), ("Ticket", "levelName")]),
    ("TicketDimension", "STATUS", &[("Ticket", "status"), ("Ticket", "statusName")]),
    ("TicketDimension", "STORE", &[("Ticket", "storeId")]),
    ("TicketDimension", "TYPE", &[("Ticket", "typeId")]),
    ("TicketDimension", "ASSIGNEE", &[("Ticket", "assignee")]),
    ("TicketStats", "overdue", &[("Ticket", "dueAt"), ("Ticket", "status"), ("Ticket", "statusName")]),
    ("Staff", "assignedTickets", &[("Ticket", "assignee")]),
    ("Staff", "managedCustomers", &[("Customer", "manager")]),
];

/// The filter types, each with the type it filters.
const FILTERS: &[(&str, &str)] = &[
    ("CustomerFilter", "Customer"),
    ("ConversationFilter", "Conversation"),
    ("MessageFilter", "Message"),
    ("TicketFilter", "Ticket"),
    ("StaffFilter", "Staff"),
    ("EventFilter", "Event"),
];

/// The fields that lists are sorted by unless a client requests another order. Every such list would reveal their values.
pub(super) const DEFAULT_ORDERS: &[(&str, &str)] =
    &[("Customer", "createdAt"), ("Conversation", "lastMessageAt"), ("Ticket", "createdAt"), ("Staff", "name")];

/// The members of the schema that reveal a field's value.
pub(super) fn members_revealing(of: &str, field: &str) -> Vec<(&'static str, String)> {
    let named = FILTERS.iter().filter(|(_, filtered)| *filtered == of).map(|(filter, _)| (*filter, field.to_owned()));
    let others =
        REVEALS.iter().filter(|(.., revealed)| revealed.contains(&(of, field))).map(|(on, name, _)| (*on, (*name).to_owned()));
    named.chain(others).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use async_graphql_parser::{
        parse_schema,
        types::{TypeDefinition, TypeKind, TypeSystemDefinition},
    };

    use super::{FILTERS, REVEALS};

    /// Members that reveal no maskable field: they concern non-null fields, identity, or counts of visible objects.
    #[rustfmt::skip]
    const HARMLESS: &[(&str, &[&str])] = &[
        ("CustomerFilter", &["and", "or", "not", "id", "customField", "search", "createdAt"]),
        ("ConversationFilter", &["and", "or", "not", "id", "platform", "platformName", "isClosed", "assignees", "messages",
            "lastMessageAt", "messageCount", "unreadCount"]),
        ("MessageFilter", &["and", "or", "not", "id", "conversationId", "platform", "platformName", "direction", "type", "isRead",
            "sentAt", "hasAttachments", "readBy", "search", "conversation"]),
        ("TicketFilter", &["and", "or", "not", "id", "search", "createdAt"]),
        ("StaffFilter", &["id", "name"]),
        ("EventFilter", &["kind", "receivedAt", "subjectId"]),
        ("CustomFieldFilter", &["key", "exists"]),
        ("CustomerOrderField", &["CREATED_AT"]),
        ("ConversationOrderField", &["LAST_MESSAGE_AT", "UNREAD_COUNT"]),
        ("MessageOrderField", &["SENT_AT"]),
        ("TicketOrderField", &["CREATED_AT"]),
        ("MessageDimension", &["TIME", "PLATFORM", "TYPE", "DIRECTION"]),
        ("ConversationDimension", &["PLATFORM", "ASSIGNEE", "IS_CLOSED"]),
    ];

    fn schema() -> BTreeMap<String, TypeDefinition> {
        let schema = parse_schema(crate::graphql::sdl()).unwrap();
        let types = schema.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some((definition.node.name.node.to_string(), definition.node)),
            _ => None,
        });
        types.collect()
    }

    fn members(of: &TypeDefinition) -> Vec<String> {
        match &of.kind {
            TypeKind::Object(object) => object.fields.iter().map(|field| field.node.name.node.to_string()).collect(),
            TypeKind::InputObject(input) => input.fields.iter().map(|field| field.node.name.node.to_string()).collect(),
            TypeKind::Enum(words) => words.values.iter().map(|value| value.node.value.node.to_string()).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_filter_order_and_dimension_is_classified() {
        let schema = schema();
        let is_query_input = |name: &str| {
            FILTERS.iter().any(|(filter, _)| *filter == name)
                || name == "CustomFieldFilter"
                || name.ends_with("OrderField")
                || name.ends_with("Dimension")
        };
        let mut unclassified = Vec::new();
        for (name, of) in schema.iter().filter(|(name, _)| is_query_input(name)) {
            let filtered = FILTERS.iter().find(|(filter, _)| filter == name).map(|(_, filtered)| members(&schema[*filtered]));
            for member in members(of) {
                let is_revealed_by_name = filtered.as_ref().is_some_and(|fields| fields.contains(&member));
                let is_revealed = REVEALS.iter().any(|(on, revealing, _)| on == name && *revealing == member);
                let is_harmless = HARMLESS.iter().any(|(on, members)| on == name && members.contains(&member.as_str()));
                if !is_revealed_by_name && !is_revealed && !is_harmless {
                    unclassified.push(format!("{name}.{member}"));
                }
            }
        }
        assert_eq!(unclassified, [""; 0]);
    }

    #[test]
    fn all_classified_members_exist() {
        let schema = schema();
        let has = |of: &str, member: &str| schema.get(of).is_some_and(|of| members(of).iter().any(|name| name == member));
        for (on, member, revealed) in REVEALS {
            assert!(has(on, member), "{on}.{member}");
            for (of, field) in *revealed {
                assert!(has(of, field), "{of}.{field}");
            }
        }
        for (on, members) in HARMLESS {
            for member in *members {
                assert!(has(on, member), "{on}.{member}");
            }
        }
    }
}
