//! Planned queries: a document in which all fields are supported is compiled once, read level by level, and written as JSON
//! directly from the rows.
//!
//! ```text
//!   document ─ build ─▶ Plan (kept with the document)
//!   Plan + variables ─ arguments ─▶ Query ─ read ─▶ rows of each level, one statement per link or list ─ write ─▶ JSON
//! ```
//!
//! - `fields` defines, for each field of each object type, the columns it needs and how it is written, or the type it links to.
//! - `build` resolves fragments and merges selections into a plan, independent of variables. If `@skip` or `@include` uses a
//!   variable, the plan is compiled for a single request.
//! - `arguments` parses the arguments of lists with the values of variables.
//! - `read` fetches the rows, each level in few statements, from one state of the store.
//! - `write` writes the response in the order of the selection, with the errors of fields.
//! - `announced` and `paged` plan the payloads of subscriptions with the same fields; `joined` reads rows once for several plans.
//!
//! Invariant: a plan gives the same response as async-graphql, byte for byte. What plans don't support (introspection,
//! statistics, search, cursors and subjects of events, interfaces) and what async-graphql would refuse is left to
//! async-graphql: [`Plan::of`] or [`Plan::answer`] then returns `None`, before anything is read. `tests/documents` compares
//! both with random documents.

#![expect(clippy::unit_arg, reason = "writing most values is infallible, but writers share a signature")]

mod announced;
mod arguments;
mod build;
mod fields;
mod joined;
mod json;
mod paged;
mod read;
mod write;

use std::sync::Arc;

use async_graphql::{Name, Pos, Value};
use async_graphql_value::Value as Argument;

use self::fields::{Listed, Type, Write};
pub(crate) use self::{
    announced::{Announced, Refused, Reported, Subscribed, answers},
    build::depends_on_variables,
    paged::{Content, Page, PageQuery, Payload as PagePayload, Subjects},
    write::Answer,
};
use crate::{
    domain::time::Timestamp,
    store::{Extent, Parent, Reader, Table},
};

/// A compiled operation.
#[derive(Debug)]
pub(crate) struct Plan {
    root: Vec<(Name, Root)>,
    variables: Vec<Variable>,
}

/// A variable defined by the operation.
#[derive(Debug)]
struct Variable {
    name: Name,
    /// Null for one without a default that may be left out.
    default: Option<Value>,
}

/// The arguments of a field, by name.
type Arguments = Vec<(Name, Argument)>;

/// A field of the query root.
#[derive(Debug)]
enum Root {
    Typename,
    Head(Pos),
    Object { of: Type, arguments: Arguments, pos: Pos, selection: Selection, rows: RowsPlan },
    List(ListPlan),
}

/// What to read for some rows: their columns and links.
#[derive(Clone, Debug)]
struct RowsPlan {
    of: Type,
    columns: Vec<&'static str>,
    links: Vec<LinkPlan>,
}

/// A link from rows.
#[derive(Clone, Debug)]
enum LinkPlan {
    /// To the rows of a table whose key is in a column.
    Rows { key: u8, table: Table, arguments: Arguments, rows: RowsPlan },
    /// To a list.
    List { key: u8, parent: fn(String) -> Parent, list: ListPlan },
}

/// A list, and the selected parts of its connection.
#[derive(Clone, Debug)]
struct ListPlan {
    listed: Listed,
    arguments: Arguments,
    connection: Vec<(Name, ConnectionField)>,
    rows: RowsPlan,
    reads_page: bool,
    counts: bool,
}

/// A field of a connection.
#[derive(Clone, Debug)]
enum ConnectionField {
    Typename(String),
    TotalCount(Pos),
    PageInfo(Pos, Vec<(Name, PageInfoField)>),
    Nodes(Pos, Selection),
    Edges(Pos, Vec<(Name, EdgeField)>),
}

#[derive(Clone, Copy, Debug)]
enum PageInfoField {
    Typename,
    HasNextPage,
    HasPreviousPage,
    StartCursor,
    EndCursor,
}

#[derive(Clone, Debug)]
enum EdgeField {
    Typename(String),
    Cursor,
    Node(Selection),
}

/// The selected fields of an object, in the order of the response.
type Selection = Vec<(Name, FieldPlan)>;

/// A selected field.
#[derive(Clone, Debug)]
struct FieldPlan {
    nullable: bool,
    pos: Pos,
    value: ValuePlan,
}

#[derive(Clone, Debug)]
enum ValuePlan {
    Typename(&'static str),
    Leaf(LeafPlan),
    /// An object that is part of its row.
    Part {
        is_known: fn(fields::Cells<'_>) -> bool,
        at: Vec<u8>,
        fields: Vec<(Name, PartField)>,
    },
    /// Attached files, stored in a column.
    Attachments {
        at: u8,
        fields: Vec<(Name, fields::AttachmentField)>,
    },
    /// The object whose key is in a column, if nothing but the key is selected.
    KeyOnly {
        at: u8,
        fields: Vec<(Name, PartField)>,
    },
    /// The object at the other end of a link.
    One {
        link: usize,
        selection: Selection,
        key: u8,
        missing: Option<&'static str>,
    },
    /// The objects at the other end of a link.
    Many {
        link: usize,
        selection: Selection,
        filtered: Option<u8>,
    },
    List(usize),
}

/// A leaf field, with the indexes of its columns in the row.
#[derive(Clone, Debug)]
struct LeafPlan {
    at: Vec<u8>,
    write: Write,
}

/// A field of an object that is part of a row.
#[derive(Clone, Debug)]
enum PartField {
    Typename(&'static str),
    Leaf { nullable: bool, pos: Pos, leaf: LeafPlan },
}

impl Plan {
    /// How much of the list it reads.
    fn extent(&self) -> Extent {
        fn statements_of(list: &ListPlan) -> usize {
            usize::from(list.counts) + if list.reads_page { 1 + list.rows.links.len() } else { 0 }
        }
        let mut read = self.root.iter().filter(|(_, root)| !matches!(root, Root::Typename | Root::Head(_)));
        match (read.next(), read.next()) {
            (Some((_, Root::Object { rows, .. })), None) if rows.links.is_empty() => Extent::Keys,
            (Some((_, Root::List(list))), None) if statements_of(list) == 1 => Extent::Statement,
            _ => Extent::Statements,
        }
    }

    /// Reads and writes the response to a query. `None` if async-graphql has to answer it. An error means that nothing was
    /// read, or that the database is unavailable.
    pub(crate) async fn answer(
        self: &Arc<Self>,
        reader: &Reader,
        variables: &async_graphql::Variables,
        now: Timestamp,
    ) -> Option<Result<Answer, crate::store::Error>> {
        let query = arguments::Query::of(self, variables, now)?;
        let (plan, live) = (self.clone(), reader.clone());
        let answered = reader.in_session(self.extent(), move |mut session| async move {
            let data = read::Data::read(&plan, &query, &mut session).await;
            let position = session.known_position().map(|position| live.live_cursor(position).to_string());
            let answer = write::answer(&plan, &query, &data, position);
            (session, answer)
        });
        Some(answered.await)
    }
}
