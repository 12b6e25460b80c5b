//! Planned payloads of live pages: the contents of single rows, and payloads assembled from them.
//!
//! A row is written once for each place where it is selected (`page`, and the `node` of `steps`). A digest over these texts
//! tells whether any selected value has changed.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hasher},
};

use async_graphql::{Name, Variables};

use super::{
    LinkPlan, ListPlan, Listed, RowsPlan, Selection, Type,
    arguments::{Given, RowsQuery},
    build::{Builder, Found, arguments},
    read::{self, LinkData, RowsData},
    write,
};
use crate::{
    domain::{
        change::SubjectType,
        dependency::Dependencies,
        steps::{Step, StepKind},
        time::Timestamp,
    },
    graphql::{error::Result, plan::json::Json},
    store::{Listing, Session, Table},
};

/// The plan of a live page.
#[derive(Debug)]
pub(crate) struct Page {
    /// The list.
    of: Listed,
    key: Name,
    fields: Vec<(Name, Field)>,
    /// The selections of a row: one for each place.
    selections: Vec<Selection>,
    list: ListPlan,
    /// Whether `totalCount` is selected.
    pub(crate) counts: bool,
}

/// A field of a payload.
#[derive(Debug)]
enum Field {
    Typename(String),
    Cursor,
    TotalCount,
    /// The rows, written with the selection of this index.
    Page(usize),
    Steps(Vec<(Name, StepField)>),
}

#[derive(Debug)]
enum StepField {
    Typename(String),
    Kind,
    Id,
    AfterId,
    Node(usize),
}

/// A live page with the arguments of a subscription.
#[derive(Debug)]
pub(crate) struct PageQuery {
    /// The list and the size of its first page.
    pub(crate) listing: Listing,
    rows: RowsQuery,
    now: Timestamp,
}

/// The content of a row, as selected.
#[derive(Debug)]
pub(crate) struct Content {
    /// Compared to detect changes.
    pub(crate) digest: u64,
    /// Its JSON for each place where it is selected.
    written: Vec<Box<[u8]>>,
}

/// What the content of a row depends on, besides the row itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reach {
    /// All objects of these types.
    pub(crate) any: Dependencies,
    /// Single objects of these types, which [`Page::contents`] reports.
    pub(crate) single: Dependencies,
}

/// Objects by type and id.
pub(crate) type Subjects = HashSet<(SubjectType, String)>;

/// A payload to be written.
pub(crate) struct Payload<'c> {
    pub(crate) cursor: &'c str,
    pub(crate) total: i64,
    /// The whole page.
    pub(crate) page: Option<Vec<&'c Content>>,
    /// Steps, each with the content of its row; `None` for a row that left.
    pub(crate) steps: Vec<(Step<'c, str>, Option<&'c Content>)>,
}

impl Page {
    /// The list and links with the variables of a subscription. `None` if an argument is invalid.
    pub(super) fn query(&self, given: &Given<'_>) -> Option<PageQuery> {
        let query = given.list(&self.list)?;
        Some(PageQuery { listing: query.listing, rows: query.rows, now: given.now })
    }

    /// The type of the rows.
    pub(crate) fn subject(&self) -> SubjectType {
        match self.of {
            Listed::Customers => SubjectType::Customer,
            Listed::Conversations => SubjectType::Conversation,
            Listed::Messages => SubjectType::Message,
            Listed::Tickets => SubjectType::Ticket,
            Listed::Staff | Listed::Events => unreachable!("they have no live page"),
        }
    }

    /// What the contents of rows depend on.
    pub(crate) fn reach(&self) -> Reach {
        let mut reach = Reach::default();
        reach_of(&self.list.rows, true, &mut reach);
        reach
    }

    /// The contents of rows by id. Adds the single objects that they depend on to `reached`.
    pub(crate) async fn contents(
        &self,
        query: &PageQuery,
        ids: Vec<String>,
        session: &mut Session,
        reached: &mut Subjects,
    ) -> Result<HashMap<String, Content>> {
        let rows = &self.list.rows;
        let data = read::rows(rows.of, ids.clone(), rows, &query.rows, session).await?;
        subjects(rows, &data, reached);
        let level = write::Level { plan: rows, query: &query.rows, rows: &data.found.rows, links: &data.links };
        let mut contents = HashMap::with_capacity(ids.len());
        for id in ids {
            let Some(row) = data.found.of.get(&id).and_then(|rows| rows.first()) else { continue };
            let (mut written, mut digest) = (Vec::with_capacity(self.selections.len()), DefaultHasher::new());
            for selection in &self.selections {
                let answer = write::written(query.now, |writer| writer.object(selection, level, *row));
                if let Some(error) = answer.failure {
                    return Err(error);
                }
                digest.write(&answer.data);
                written.push(answer.data.into_boxed_slice());
            }
            contents.insert(id, Content { digest: digest.finish(), written });
        }
        Ok(contents)
    }

    /// Writes a payload as JSON.
    pub(crate) fn write(&self, payload: &Payload<'_>) -> Vec<u8> {
        let mut json = Json::default();
        json.raw("{\"");
        json.raw(&self.key);
        json.raw("\":");
        json.fields(&self.fields, |json, field| match field {
            Field::Typename(name) => json.text(name),
            Field::Cursor => json.text(payload.cursor),
            Field::TotalCount => json.count(payload.total),
            Field::Page(place) => match &payload.page {
                Some(rows) => json.items(rows, |json, row| json.written(&row.written[*place])),
                None => json.null(),
            },
            Field::Steps(fields) => json.items(&payload.steps, |json, (step, content)| {
                json.fields(fields, |json, field| self.write_step(json, field, step, *content));
            }),
        });
        json.raw("}");
        json.0
    }

    fn write_step(&self, json: &mut Json, field: &StepField, step: &Step<'_, str>, content: Option<&Content>) {
        let prefix = match self.of {
            Listed::Customers => "cus_",
            Listed::Conversations => "con_",
            Listed::Messages => "msg_",
            Listed::Tickets => "tkt_",
            Listed::Staff => "stf_",
            Listed::Events => "evt_",
        };
        match field {
            StepField::Typename(name) => json.text(name),
            StepField::Kind => json.raw(match step.kind {
                StepKind::Entered => "\"ENTERED\"",
                StepKind::Moved => "\"MOVED\"",
                StepKind::Updated => "\"UPDATED\"",
                StepKind::Left => "\"LEFT\"",
            }),
            StepField::Id => json.id(prefix, step.id),
            StepField::AfterId => match step.after {
                Some(after) => json.id(prefix, after),
                None => json.null(),
            },
            StepField::Node(place) => match content {
                Some(content) => json.written(&content.written[*place]),
                None => json.null(),
            },
        }
    }
}

/// Adds what rows depend on through their links.
fn reach_of(rows: &RowsPlan, is_root: bool, reach: &mut Reach) {
    let everything =
        [SubjectType::Event, SubjectType::Customer, SubjectType::Conversation, SubjectType::Message, SubjectType::Ticket]
            .into_iter()
            .fold(Dependencies::on_staff() | Dependencies::on_time(), |all, of| all | Dependencies::on(of));
    let has = |column| rows.columns.contains(&column);
    if rows.of == Type::Ticket && has("status") && has("due_at") {
        reach.any = reach.any | Dependencies::on_time();
    }
    // A message's customer comes from its conversation, and the message is not announced when that is matched to a customer.
    if rows.of == Type::Message && has("customer_id") {
        let conversation = Dependencies::on(SubjectType::Conversation);
        if is_root { reach.single = reach.single | conversation } else { reach.any = reach.any | conversation }
    }
    for link in &rows.links {
        match link {
            LinkPlan::Rows { table, rows, .. } => {
                match subject_of(*table) {
                    Some(subject) => reach.single = reach.single | Dependencies::on(subject),
                    None if *table == Table::Event => reach.any = reach.any | Dependencies::on(SubjectType::Event),
                    None if matches!(table, Table::Staff | Table::Assignee | Table::ReadBy) => {
                        reach.any = reach.any | Dependencies::on_staff();
                    }
                    None => {}
                }
                reach_of(rows, false, reach);
            }
            LinkPlan::List { .. } => reach.any = reach.any | everything,
        }
    }
}

/// Adds the single objects that rows link to.
fn subjects(rows: &RowsPlan, data: &RowsData, reached: &mut Subjects) {
    if let Some(at) = rows.columns.iter().position(|column| *column == "conversation_id") {
        let ids = data.found.rows.iter().filter_map(|row| row.text(at));
        reached.extend(ids.map(|id| (SubjectType::Conversation, id.to_owned())));
    }
    for (link, linked) in rows.links.iter().zip(&data.links) {
        if let (LinkPlan::Rows { key, table, rows: plan, .. }, LinkData::Rows(Ok(linked))) = (link, linked) {
            if let Some(subject) = subject_of(*table) {
                let keys = data.found.rows.iter().filter_map(|row| row.text((*key).into()));
                reached.extend(keys.map(|key| (subject, key.to_owned())));
            }
            subjects(plan, linked, reached);
        }
    }
}

fn subject_of(table: Table) -> Option<SubjectType> {
    match table {
        Table::Customer => Some(SubjectType::Customer),
        Table::Conversation => Some(SubjectType::Conversation),
        Table::Message => Some(SubjectType::Message),
        Table::Ticket => Some(SubjectType::Ticket),
        // They belong to a row that is announced itself, or to a staff member.
        Table::Staff
        | Table::Assignee
        | Table::ReadBy
        | Table::SocialAccount
        | Table::CustomerStatus
        | Table::CustomField
        | Table::Event => None,
    }
}

impl<'d> Builder<'d> {
    /// The plan of a live page; `None` if it selects something that plans don't support.
    pub(super) fn page(&self, root: &Found<'d>, key: Name) -> Option<Page> {
        let of = match root.field.name.node.as_str() {
            "customersLive" => Listed::Customers,
            "conversationsLive" => Listed::Conversations,
            "messagesLive" => Listed::Messages,
            "ticketsLive" => Listed::Tickets,
            _ => return None,
        };
        let mut rows = RowsPlan::new(of.of());
        let (mut selections, mut counts) = (Vec::new(), false);
        let payload = format!("{}sLive", of.of().name());
        let mut fields = Vec::new();
        for found in self.collected(root.sets.iter().copied(), &payload, false)? {
            let field = match found.field.name.node.as_str() {
                "__typename" => Field::Typename(payload.clone()),
                "cursor" => Field::Cursor,
                "totalCount" => {
                    counts = true;
                    Field::TotalCount
                }
                "page" => {
                    selections.push(self.selection(found.sets.iter().copied(), &mut rows)?);
                    Field::Page(selections.len() - 1)
                }
                "steps" => Field::Steps(self.steps(&found, &mut rows, &mut selections)?),
                _ => return None,
            };
            fields.push((found.key, field));
        }
        if rows.of == Type::Message && rows.columns.contains(&"customer_id") {
            rows.place("conversation_id");
        }
        // `after` is a live cursor here, not a page cursor.
        let arguments = arguments(root).into_iter().filter(|(name, _)| name != "after").collect();
        let list = ListPlan { listed: of, arguments, connection: Vec::new(), rows, reads_page: true, counts };
        Some(Page { of, key, fields, selections, list, counts })
    }

    fn steps(&self, steps: &Found<'d>, rows: &mut RowsPlan, selections: &mut Vec<Selection>) -> Option<Vec<(Name, StepField)>> {
        let name = format!("{}Step", rows.of.name());
        let mut fields = Vec::new();
        for found in self.collected(steps.sets.iter().copied(), &name, false)? {
            let field = match found.field.name.node.as_str() {
                "__typename" => StepField::Typename(name.clone()),
                "kind" => StepField::Kind,
                "id" => StepField::Id,
                "afterId" => StepField::AfterId,
                "node" => {
                    selections.push(self.selection(found.sets.iter().copied(), rows)?);
                    StepField::Node(selections.len() - 1)
                }
                _ => return None,
            };
            fields.push((found.key, field));
        }
        Some(fields)
    }
}

impl super::Subscribed {
    /// The page with its arguments at a time. `None` if it is not a live page, or an argument is invalid.
    pub(crate) fn page_query(&self, variables: &Variables, now: Timestamp) -> Option<PageQuery> {
        self.page.as_ref()?.query(&self.given(variables, now))
    }
}
