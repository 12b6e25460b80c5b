//! Planned payloads of subscriptions to changes: `messageAdded` and its siblings.
//!
//! The object of a payload is a row with its links, so it is planned with the same fields as queries. The payloads of several
//! changes are read together and written one by one. Subscriptions with equal documents share one payload per change; different
//! documents share what is read for it.

use std::sync::Arc;

use async_graphql::{
    InputType, Name, Pos, Positioned, Variables,
    parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection as Item, SelectionSet},
};
use async_graphql_value::Value;

use super::{
    Arguments, RowsPlan, Selection, Type,
    arguments::{self, Given},
    build::Builder,
    joined::Moved,
    paged::Page,
    read,
    write::{self, Answer},
};
use crate::{
    domain::{change::ChangeKind, filter::Predicate, scope::Masks, time::Timestamp},
    graphql::filter::{Described, Input},
    store::{self, Extent, Reader},
};

/// The root field of a subscription, with the plan of its payload if plans support all of it.
#[derive(Debug)]
pub(crate) struct Subscribed {
    /// Its response key.
    pub(crate) key: Name,
    /// Its name in the schema.
    pub(crate) name: Name,
    /// Its position in the document.
    pub(crate) pos: Pos,
    /// The plan of its payload, if it is a subscription to changes; `None` if async-graphql has to execute it.
    pub(crate) payload: Option<Arc<Payload>>,
    /// The plan of a live page.
    pub(crate) page: Option<Page>,
    /// The variable of the argument `after`, if it is used nowhere else in the document.
    pub(crate) after_variable: Option<Name>,
    /// Whether payloads depend on variables.
    pub(crate) has_variables: bool,
    arguments: Arguments,
    variables: Vec<super::Variable>,
}

/// An argument is invalid; async-graphql has to produce the error message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused;

/// The plan of a payload.
#[derive(Debug)]
pub(crate) struct Payload {
    key: Name,
    fields: Vec<(Name, Field)>,
    /// What is read of the objects, perhaps for several documents.
    rows: Arc<RowsPlan>,
}

/// A field of a payload.
#[derive(Debug)]
pub(super) enum Field {
    Typename(&'static str),
    Cursor,
    Change,
    Object(Selection),
}

/// A change to be reported.
#[derive(Clone, Debug)]
pub(crate) struct Announced {
    /// Its position.
    pub(crate) position: i64,
    /// The kind of change.
    pub(crate) kind: ChangeKind,
    /// The key of the object.
    pub(crate) key: String,
}

/// The subscriptions to changes: field, payload type, and the field and type of the object in the payload.
const SUBSCRIPTIONS: [(&str, &str, &str, Type); 5] = [
    ("messageAdded", "MessageAdded", "message", Type::Message),
    ("conversationChanged", "ConversationChanged", "conversation", Type::Conversation),
    ("customerChanged", "CustomerChanged", "customer", Type::Customer),
    ("ticketChanged", "TicketChanged", "ticket", Type::Ticket),
    ("eventStored", "EventStored", "event", Type::Event),
];

impl Subscribed {
    /// The root field of a subscription. `None` if there is none to execute.
    pub(crate) fn of(
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
        masks: Option<&Masks>,
    ) -> Option<Self> {
        if operation.ty != OperationType::Subscription {
            return None;
        }
        let builder = Builder { fragments: &document.fragments, variables, masks };
        let found = builder.collected([(&operation.selection_set.node, true)], "Subscription", false)?;
        let [root] = found.as_slice() else { return None };
        let (key, name, pos) = (root.key.clone(), root.field.name.node.clone(), root.pos);
        let payload = builder.payload(root, key.clone()).map(Arc::new);
        let page = builder.page(root, key.clone());
        let arguments = super::build::arguments(root);
        let after_variable = arguments.iter().find_map(|(name, value)| match value {
            Value::Variable(variable) if name == "after" && uses(document, operation, variable) == 1 => Some(variable.clone()),
            _ => None,
        });
        let has_variables = super::depends_on_variables(document, operation)
            || payload.as_ref().is_some_and(|payload| arguments::have_variables(&payload.rows));
        let variables = super::build::variables(operation);
        Some(Self { key, name, pos, payload, page, after_variable, has_variables, arguments, variables })
    }

    /// The filter argument.
    pub(crate) fn predicate<C: Described>(&self, variables: &Variables) -> Result<Option<Predicate<C>>, Refused> {
        let filter: Option<Input<C>> = self.argument("filter", variables)?;
        filter.map(|filter| filter.predicate()).transpose().map_err(|_| Refused)
    }

    /// The cursor argument.
    pub(crate) fn after(&self, variables: &Variables) -> Result<Option<String>, Refused> {
        self.argument("after", variables)
    }

    fn argument<T: InputType>(&self, name: &str, variables: &Variables) -> Result<T, Refused> {
        self.given(variables, Timestamp::clamped(0)).argument(&self.arguments, name).ok_or(Refused)
    }

    /// Whether async-graphql accepts the arguments inside the payload.
    pub(crate) fn accepts(&self, variables: &Variables, now: Timestamp) -> bool {
        self.payload.as_ref().is_some_and(|payload| self.given(variables, now).rows(&payload.rows).is_some())
    }

    pub(super) fn given<'q>(&'q self, variables: &'q Variables, now: Timestamp) -> Given<'q> {
        Given { definitions: &self.variables, variables, now }
    }

    /// Whether the objects of its payloads can be read together with those of other documents: by key alone, so that none has to
    /// wait for another one's slow list, and without variables.
    pub(crate) fn is_joinable(&self) -> bool {
        !self.has_variables && self.payload.as_ref().is_some_and(|payload| payload.rows.is_all_by_key())
    }
}

/// The changes to be reported to the subscriptions with one document.
pub(crate) struct Reported {
    /// The root field of the document.
    pub(crate) subscribed: Arc<Subscribed>,
    /// The changes.
    pub(crate) changes: Vec<Announced>,
}

/// Reads and writes the payloads of the changes, in order; `None` for an object that no longer exists. The objects are read once
/// for all documents, which must be for the same type of object. The payloads are the same for all subscriptions with the
/// same document and the same variables inside the payload. Several documents must be [joinable](Subscribed::is_joinable).
pub(crate) async fn answers(
    reader: &Reader,
    variables: &Variables,
    reported: Vec<Reported>,
    now: Timestamp,
) -> Result<Vec<Vec<Option<Answer>>>, store::Error> {
    let nothing = || reported.iter().map(|reported| vec![None; reported.changes.len()]).collect();
    let payloads: Option<Vec<_>> = reported.iter().map(|reported| reported.subscribed.payload.clone()).collect();
    let (Some(payloads), [first, others @ ..]) = (payloads, reported.as_slice()) else { return Ok(nothing()) };
    let payloads = if others.is_empty() { payloads } else { Payload::joined(&payloads) };
    let plan = payloads[0].rows.clone();
    let Some(query) = first.subscribed.given(variables, now).rows(&plan) else { return Ok(nothing()) };
    let changes: Vec<Vec<Announced>> = reported.into_iter().map(|reported| reported.changes).collect();
    let cursor = |change: &Announced| reader.live_cursor(change.position).to_string();
    let cursors: Vec<Vec<String>> = changes.iter().map(|changes| changes.iter().map(cursor).collect()).collect();
    let answered = reader.in_session(Extent::Statements, move |mut session| async move {
        let mut keys: Vec<String> = changes.iter().flatten().map(|change| change.key.clone()).collect();
        keys.sort_unstable();
        keys.dedup();
        let read = read::rows(plan.of, keys, &plan, &query, &mut session).await;
        let answers = match read {
            _ if session.is_lost() => Err(store::Error::Lost),
            Err(error) => Err(error),
            Ok(data) => {
                let level = write::Level { plan: &plan, query: &query, rows: &data.found.rows, links: &data.links };
                let of_document = |((payload, changes), cursors): ((&Arc<Payload>, &Vec<Announced>), &Vec<String>)| {
                    let answer = |(change, cursor): (&Announced, &String)| {
                        let row = data.found.of.get(&change.key)?.first()?;
                        Some(payload.answer(level, *row, cursor, change.kind, now))
                    };
                    changes.iter().zip(cursors).map(answer).collect()
                };
                Ok(payloads.iter().zip(&changes).zip(&cursors).map(of_document).collect())
            }
        };
        (session, answers)
    });
    answered.await?
}

impl Payload {
    /// The same payloads, with one plan that reads the objects for all of them.
    fn joined(payloads: &[Arc<Self>]) -> Vec<Arc<Self>> {
        let Some(first) = payloads.first() else { return Vec::new() };
        let mut rows = RowsPlan::new(first.rows.of);
        let moved: Vec<_> = payloads.iter().map(|payload| rows.join(&payload.rows)).collect();
        let rows = Arc::new(rows);
        let join = |(payload, moved): (&Arc<Self>, &Moved)| {
            let field = |field: &Field| match field {
                Field::Typename(name) => Field::Typename(name),
                Field::Cursor => Field::Cursor,
                Field::Change => Field::Change,
                Field::Object(selection) => Field::Object(moved.selection(selection)),
            };
            let fields = payload.fields.iter().map(|(name, of)| (name.clone(), field(of))).collect();
            Arc::new(Self { key: payload.key.clone(), fields, rows: rows.clone() })
        };
        payloads.iter().zip(&moved).map(join).collect()
    }

    fn answer(&self, level: write::Level<'_>, row: u32, cursor: &str, kind: ChangeKind, now: Timestamp) -> Answer {
        write::written(now, |writer| {
            writer.fields([(&self.key, ())], |writer, ()| {
                writer.fields(self.fields.iter().map(|(name, field)| (name, field)), |writer, field| match field {
                    Field::Typename(name) => Ok(writer.json.text(name)),
                    Field::Cursor => Ok(writer.json.text(cursor)),
                    Field::Change => Ok(writer.json.raw(match kind {
                        ChangeKind::Created => "\"CREATED\"",
                        ChangeKind::Updated => "\"UPDATED\"",
                        ChangeKind::Deleted => "\"DELETED\"",
                    })),
                    Field::Object(selection) => writer.object(selection, level, row),
                })
            })
        })
    }
}

/// The number of arguments in a document that use a variable.
fn uses(document: &ExecutableDocument, operation: &OperationDefinition, variable: &Name) -> usize {
    fn in_value(value: &Value, variable: &Name) -> bool {
        match value {
            Value::Variable(name) => name == variable,
            Value::List(items) => items.iter().any(|item| in_value(item, variable)),
            Value::Object(fields) => fields.values().any(|field| in_value(field, variable)),
            _ => false,
        }
    }
    fn in_set(set: &SelectionSet, variable: &Name) -> usize {
        let of_item = |item: &Positioned<Item>| match &item.node {
            Item::Field(field) => {
                let arguments = &field.node.arguments;
                arguments.iter().filter(|(_, value)| in_value(&value.node, variable)).count()
                    + in_set(&field.node.selection_set.node, variable)
            }
            Item::InlineFragment(fragment) => in_set(&fragment.node.selection_set.node, variable),
            Item::FragmentSpread(_) => 0,
        };
        set.items.iter().map(of_item).sum()
    }
    let fragments = document.fragments.values().map(|fragment| in_set(&fragment.node.selection_set.node, variable));
    in_set(&operation.selection_set.node, variable) + fragments.sum::<usize>()
}

impl<'d> Builder<'d> {
    fn payload(&self, root: &super::build::Found<'d>, key: Name) -> Option<Payload> {
        let name = root.field.name.node.as_str();
        let (_, payload, object, of) = SUBSCRIPTIONS.into_iter().find(|(field, ..)| *field == name)?;
        let mut rows = RowsPlan::new(of);
        let mut fields = Vec::new();
        for found in self.collected(root.sets.iter().copied(), payload, false)? {
            let field = match found.field.name.node.as_str() {
                "__typename" => Field::Typename(payload),
                "cursor" => Field::Cursor,
                "change" => Field::Change,
                name if name == object => Field::Object(self.selection(found.sets.iter().copied(), &mut rows)?),
                _ => return None,
            };
            fields.push((found.key, field));
        }
        Some(Payload { key, fields, rows: Arc::new(rows) })
    }
}
