//! The fields of each object type: the columns they need and how they are written, or the type they link to. One file per type.

mod conversation;
mod customer;
mod event;
mod message;
mod parts;
mod staff;
mod ticket;

pub(super) use self::parts::AttachmentField;
use super::json::Json;
use crate::{
    domain::time::Timestamp,
    graphql::error::Result,
    store::{Parent, Row, Table},
};

/// An object type whose objects are rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Type {
    Customer,
    Conversation,
    Message,
    Ticket,
    Staff,
    Event,
    SocialAccount,
    CustomerStatus,
    CustomField,
}

impl Type {
    /// Its name in the schema.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Customer => "Customer",
            Self::Conversation => "Conversation",
            Self::Message => "Message",
            Self::Ticket => "Ticket",
            Self::Staff => "Staff",
            Self::Event => "Event",
            Self::SocialAccount => "SocialAccount",
            Self::CustomerStatus => "CustomerStatus",
            Self::CustomField => "CustomField",
        }
    }

    /// The field with this name, if plans support it.
    pub(super) fn field(self, name: &str) -> Option<Field> {
        match self {
            Self::Customer => customer::field(name),
            Self::Conversation => conversation::field(name),
            Self::Message => message::field(name),
            Self::Ticket => ticket::field(name),
            Self::Staff => staff::field(name),
            Self::Event => event::field(name),
            Self::SocialAccount => customer::social_account(name),
            Self::CustomerStatus => customer::status(name),
            Self::CustomField => customer::custom_field(name),
        }
    }

    /// Whether its objects have a global id, and so implement `Node`.
    pub(super) fn is_node(self) -> bool {
        !matches!(self, Self::SocialAccount | Self::CustomerStatus | Self::CustomField)
    }
}

/// The kind of objects in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    Customers,
    Conversations,
    Messages,
    Tickets,
    Staff,
    Events,
}

impl Listed {
    pub(super) fn of(self) -> Type {
        match self {
            Self::Customers => Type::Customer,
            Self::Conversations => Type::Conversation,
            Self::Messages => Type::Message,
            Self::Tickets => Type::Ticket,
            Self::Staff => Type::Staff,
            Self::Events => Type::Event,
        }
    }
}

/// The columns of a field in a row, in the order in which the field lists them.
#[derive(Clone, Copy)]
pub(super) struct Cells<'r> {
    pub(super) row: Row<'r>,
    pub(super) at: &'r [u8],
    /// The current time of the response.
    pub(super) now: Timestamp,
}

impl<'r> Cells<'r> {
    pub(super) fn text(self, column: usize) -> Option<&'r str> {
        self.row.text(self.at[column].into())
    }

    pub(super) fn int(self, column: usize) -> Option<i64> {
        self.row.int(self.at[column].into())
    }

    fn real(self, column: usize) -> Option<f64> {
        self.row.real(self.at[column].into())
    }

    fn flag(self, column: usize) -> bool {
        self.row.flag(self.at[column].into())
    }

    fn has(self, column: usize) -> bool {
        !self.row.is_null(self.at[column].into())
    }
}

/// Writes the value of a leaf field.
pub(super) type Write = fn(Cells<'_>, &mut Json) -> Result<()>;

/// A scalar or enum field, or a list of them.
#[derive(Clone, Copy)]
pub(super) struct Leaf {
    pub(super) nullable: bool,
    pub(super) columns: &'static [&'static str],
    pub(super) write: Write,
}

/// A field.
pub(super) enum Field {
    Leaf(Leaf),
    /// An object that is part of its row. Null if nothing about it is known.
    Part {
        name: &'static str,
        nullable: bool,
        columns: &'static [&'static str],
        is_known: fn(Cells<'_>) -> bool,
        /// Its fields, whose columns are among those of the part.
        field: fn(&str) -> Option<Leaf>,
    },
    /// Attached files, stored in a column as JSON.
    Attachments {
        column: &'static str,
    },
    /// The object whose key is in a column.
    One {
        key: &'static str,
        target: Target,
        /// Whether the object certainly exists, since it was written in the same transaction and is never removed.
        is_surely_there: bool,
        /// For a non-null field: the name of the link, to be logged if its target is missing.
        required: Option<&'static str>,
    },
    /// Rows that belong to this one.
    Many {
        key: &'static str,
        target: Target,
    },
    /// A list of objects that belong to this one.
    List {
        key: &'static str,
        parent: fn(String) -> Parent,
        listed: Listed,
    },
}

/// The target of a link.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) table: Table,
    pub(super) of: Type,
    /// The column with the key to read `table` by.
    pub(super) key: &'static str,
}

const CUSTOMER: Target = Target { table: Table::Customer, of: Type::Customer, key: "id" };
const CONVERSATION: Target = Target { table: Table::Conversation, of: Type::Conversation, key: "id" };
const MESSAGE: Target = Target { table: Table::Message, of: Type::Message, key: "key" };
const EVENT: Target = Target { table: Table::Event, of: Type::Event, key: "seq" };
const STAFF: Target = Target { table: Table::Staff, of: Type::Staff, key: "id" };

fn leaf(nullable: bool, columns: &'static [&'static str], write: Write) -> Field {
    Field::Leaf(Leaf { nullable, columns, write })
}

/// A text field that is never null.
fn text(columns: &'static [&'static str; 1]) -> Field {
    leaf(false, columns, |cells, json| Ok(json.text(cells.text(0).unwrap_or_default())))
}

fn optional_text(columns: &'static [&'static str; 1]) -> Field {
    Field::Leaf(optional_text_leaf(columns))
}

fn optional_text_leaf(columns: &'static [&'static str; 1]) -> Leaf {
    Leaf { nullable: true, columns, write: |cells, json| Ok(json.text_or_null(cells.text(0))) }
}

fn flag(columns: &'static [&'static str; 1]) -> Field {
    leaf(false, columns, |cells, json| Ok(json.flag(cells.flag(0))))
}

fn count(columns: &'static [&'static str; 1]) -> Field {
    leaf(false, columns, |cells, json| Ok(json.count(cells.int(0).unwrap_or(0))))
}

fn optional_time(columns: &'static [&'static str; 1]) -> Field {
    leaf(true, columns, |cells, json| Ok(json.time(cells.int(0))))
}

/// A link that may be empty. A target certainly exists, since it was written with the link, or found when the link was made.
fn known_link(key: &'static str, target: Target) -> Field {
    Field::One { key, target, is_surely_there: true, required: None }
}

fn list(key: &'static str, parent: fn(String) -> Parent, listed: Listed) -> Field {
    Field::List { key, parent, listed }
}

/// Parses JSON that this program stored.
fn parsed(text: &str) -> Result<serde_json::Value> {
    serde_json::from_str(text).map_err(|error| crate::graphql::error::Error::internal(&error, "a stored value is not JSON"))
}

#[cfg(test)]
mod tests {
    use async_graphql_parser::{
        parse_schema,
        types::{TypeKind, TypeSystemDefinition},
    };

    use super::{Field, Type};

    /// Fields left to async-graphql.
    const LEFT: &[&str] = &["cursor", "subjects"];

    fn is_nullable(field: &Field) -> bool {
        match field {
            Field::Leaf(leaf) => leaf.nullable,
            Field::Part { nullable, .. } => *nullable,
            Field::One { required, .. } => required.is_none(),
            Field::Attachments { .. } | Field::Many { .. } | Field::List { .. } => false,
        }
    }

    #[test]
    fn plans_support_the_fields_of_their_types_with_the_right_nullability() {
        use Type::{Conversation, CustomField, Customer, CustomerStatus, Event, Message, SocialAccount, Staff, Ticket};
        let schema = parse_schema(crate::graphql::sdl()).unwrap();
        for of in [Customer, Conversation, Message, Ticket, Staff, Event, SocialAccount, CustomerStatus, CustomField] {
            let definition = schema.definitions.iter().find_map(|definition| match definition {
                TypeSystemDefinition::Type(definition) if definition.node.name.node == of.name() => Some(&definition.node.kind),
                _ => None,
            });
            let Some(TypeKind::Object(object)) = definition else { panic!("{of:?}") };
            for field in &object.fields {
                let name = field.node.name.node.as_str();
                match of.field(name) {
                    Some(known) => assert_eq!(is_nullable(&known), field.node.ty.node.nullable, "{of:?}.{name}"),
                    None => assert!(LEFT.contains(&name), "{of:?}.{name}"),
                }
            }
        }
    }
}
