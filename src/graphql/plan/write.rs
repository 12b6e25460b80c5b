//! Writes the response to a query from the data read.
//!
//! A field that fails becomes null, with an error. If it is not nullable, the enclosing object becomes null, as the
//! specification requires (section 6.4.4): the bytes already written for it are truncated.

use async_graphql::{Name, PathSegment, Pos, ServerError};
use serde_json::Value;

use super::{
    ConnectionField, EdgeField, FieldPlan, LeafPlan, LinkPlan, ListPlan, PageInfoField, PartField, Plan, Root, RowsPlan,
    Selection, ValuePlan,
    arguments::{LinkQuery, ListQuery, Query, RootQuery, RowsQuery},
    fields::{AttachmentField, Cells},
    json::Json,
    read::{Data, LinkData, ListData, PagesData, RootData},
};
use crate::{
    domain::{reading, time::Timestamp},
    graphql::error::Error,
    store::{Row, Rows},
};

/// A response.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The JSON of `data`.
    pub(crate) data: Vec<u8>,
    pub(crate) errors: Vec<ServerError>,
    /// The live cursor of the state that was read, if anything was.
    pub(crate) position: Option<String>,
    /// The first failure.
    pub(super) failure: Option<Error>,
}

/// A non-null value failed, so the enclosing value must be null. The error is already recorded.
pub(super) struct Nullified;

pub(super) type Written = std::result::Result<(), Nullified>;

/// Writes the response.
pub(super) fn answer(plan: &Plan, query: &Query, data: &Data, position: Option<String>) -> Answer {
    let fields = plan.root.iter().zip(query.root.iter().zip(&data.0));
    let answer = written(query.now, |writer| {
        writer.position = position.clone().unwrap_or_default();
        writer.fields(fields.map(|((name, root), read)| (name, (root, read))), |writer, (root, (query, data))| {
            writer.root(root, query, data)
        })
    });
    Answer { position, ..answer }
}

/// The bytes that `write` writes, or null if it fails.
pub(super) fn written<'p>(now: Timestamp, write: impl FnOnce(&mut Writer<'p>) -> Written) -> Answer {
    let mut writer =
        Writer { json: Json::default(), now, position: String::new(), path: Vec::new(), errors: Vec::new(), failure: None };
    if write(&mut writer).is_err() {
        writer.json.0.clear();
        writer.json.null();
    }
    let Writer { json: Json(data), errors, failure, .. } = writer;
    Answer { data, errors, position: None, failure }
}

/// Rows with the data of their links.
#[derive(Clone, Copy)]
pub(super) struct Level<'p> {
    pub(super) plan: &'p RowsPlan,
    pub(super) query: &'p RowsQuery,
    pub(super) rows: &'p Rows,
    pub(super) links: &'p [LinkData],
}

/// A step of the path to the field being written.
#[derive(Clone, Copy)]
enum Step<'p> {
    Key(&'p Name),
    Item(usize),
}

pub(super) struct Writer<'p> {
    pub(super) json: Json,
    now: Timestamp,
    /// The live cursor of the state that was read.
    position: String,
    path: Vec<Step<'p>>,
    errors: Vec<ServerError>,
    failure: Option<Error>,
}

impl<'p> Writer<'p> {
    fn fail(&mut self, pos: Pos, error: Error) -> Written {
        let path = self.path.iter().map(|step| match step {
            Step::Key(name) => PathSegment::Field(name.to_string()),
            Step::Item(index) => PathSegment::Index(*index),
        });
        let path = path.collect();
        self.failure.get_or_insert_with(|| error.clone());
        self.errors.push(ServerError { path, ..async_graphql::Error::from(error).into_server_error(pos) });
        Err(Nullified)
    }

    /// Writes an object.
    pub(super) fn fields<V>(
        &mut self,
        fields: impl IntoIterator<Item = (&'p Name, V)>,
        mut write: impl FnMut(&mut Self, V) -> Written,
    ) -> Written {
        let mut opening = "{\"";
        for (name, value) in fields {
            self.json.raw(opening);
            // A name needs no escapes.
            self.json.raw(name);
            self.json.raw("\":");
            self.path.push(Step::Key(name));
            write(self, value)?;
            self.path.pop();
            opening = ",\"";
        }
        self.json.raw("}");
        Ok(())
    }

    /// Writes a list.
    fn items<V>(&mut self, items: impl IntoIterator<Item = V>, mut write: impl FnMut(&mut Self, V) -> Written) -> Written {
        self.json.raw("[");
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.json.raw(",");
            }
            self.path.push(Step::Item(index));
            write(self, item)?;
            self.path.pop();
        }
        self.json.raw("]");
        Ok(())
    }

    /// Writes a value, or null if it fails and is nullable.
    fn nullable(&mut self, nullable: bool, write: impl FnOnce(&mut Self) -> Written) -> Written {
        let (begin, depth) = (self.json.0.len(), self.path.len());
        let written = write(self);
        if written.is_err() && nullable {
            self.json.0.truncate(begin);
            self.path.truncate(depth);
            self.json.null();
            return Ok(());
        }
        written
    }

    fn root(&mut self, root: &'p Root, query: &'p RootQuery, data: &'p RootData) -> Written {
        match (root, query, data) {
            (Root::Typename, ..) => self.json.text("Query"),
            (Root::Head(pos), _, RootData::Head(Err(error))) => return self.fail(*pos, error.clone()),
            (Root::Head(_), ..) => {
                self.json.text(&self.position);
            }
            (Root::Object { pos, selection, rows, .. }, RootQuery::Object(_, query), RootData::Object(data)) => {
                return self.nullable(true, |writer| match data {
                    Ok(data) => match data.row {
                        Some(row) => {
                            let level = Level { plan: rows, query, rows: &data.rows, links: &data.links };
                            writer.object(selection, level, row)
                        }
                        None => Ok(writer.json.null()),
                    },
                    Err(error) => writer.fail(*pos, error.clone()),
                });
            }
            (Root::List(list), RootQuery::List(query), RootData::List(data)) => {
                return self.nullable(true, |writer| writer.connection(list, query, data, 0));
            }
            _ => unreachable!("what is read has the shape of its plan"),
        }
        Ok(())
    }

    pub(super) fn object(&mut self, selection: &'p Selection, level: Level<'p>, row: u32) -> Written {
        let row = level.rows.row(row as usize);
        self.fields(selection.iter().map(|(name, field)| (name, field)), |writer, field| {
            writer.nullable(field.nullable, |writer| writer.value(field, level, row))
        })
    }

    fn value(&mut self, field: &'p FieldPlan, level: Level<'p>, row: Row<'p>) -> Written {
        let pos = field.pos;
        match &field.value {
            ValuePlan::Typename(name) => Ok(self.json.text(name)),
            ValuePlan::Leaf(leaf) => self.leaf(pos, leaf, row),
            ValuePlan::Part { is_known, at, fields } => {
                if is_known(Cells { row, at, now: self.now }) {
                    self.part(fields, row)
                } else {
                    Ok(self.json.null())
                }
            }
            ValuePlan::Attachments { at, fields } => self.attachments(pos, row.text((*at).into()), fields),
            ValuePlan::KeyOnly { at, fields } => {
                if row.is_null((*at).into()) {
                    Ok(self.json.null())
                } else {
                    self.part(fields, row)
                }
            }
            ValuePlan::One { link, selection, key, missing } => {
                let Some(key) = row.key((*key).into()) else { return Ok(self.json.null()) };
                match (self.linked(pos, level, *link, &key)?, missing) {
                    ((linked, [row, ..]), _) => self.object(selection, linked, *row),
                    (_, Some(missing)) => self.fail(pos, Error::dangling(missing, key)),
                    (_, None) => Ok(self.json.null()),
                }
            }
            ValuePlan::Many { link, selection, filtered } => {
                let (LinkPlan::Rows { key, .. }, LinkQuery::Rows { keys, .. }) = (&level.plan.links[*link], &level.query[*link])
                else {
                    unreachable!("a query has the shape of its plan")
                };
                let (linked, rows) = self.linked(pos, level, *link, row.text((*key).into()).unwrap_or_default())?;
                let is_wanted = |row: &&u32| match (keys, filtered) {
                    (Some(keys), Some(at)) => {
                        let key = linked.rows.row(**row as usize).text((*at).into());
                        keys.iter().any(|read| Some(read.as_str()) == key)
                    }
                    _ => true,
                };
                self.items(rows.iter().filter(is_wanted), |writer, row| writer.object(selection, linked, *row))
            }
            ValuePlan::List(link) => {
                let (LinkPlan::List { key, list, .. }, LinkQuery::List(query), LinkData::List(data)) =
                    (&level.plan.links[*link], &level.query[*link], &level.links[*link])
                else {
                    unreachable!("a query has the shape of its plan")
                };
                let place = row.text((*key).into()).and_then(|id| data.parents.get(id)).copied();
                self.connection(list, query, data, place.expect("every row's list was read"))
            }
        }
    }

    /// The rows that a link leads to for a key.
    fn linked(
        &mut self,
        pos: Pos,
        level: Level<'p>,
        link: usize,
        key: &str,
    ) -> std::result::Result<(Level<'p>, &'p [u32]), Nullified> {
        let (LinkPlan::Rows { rows: plan, .. }, LinkQuery::Rows { rows: query, .. }, LinkData::Rows(data)) =
            (&level.plan.links[link], &level.query[link], &level.links[link])
        else {
            unreachable!("a query has the shape of its plan")
        };
        match data {
            Ok(data) => {
                let linked = Level { plan, query, rows: &data.found.rows, links: &data.links };
                Ok((linked, data.found.of.get(key).map_or(&[], Vec::as_slice)))
            }
            Err(error) => Err(self.fail(pos, error.clone()).map_or_else(|nullified| nullified, |()| Nullified)),
        }
    }

    fn leaf(&mut self, pos: Pos, leaf: &LeafPlan, row: Row<'_>) -> Written {
        let written = (leaf.write)(Cells { row, at: &leaf.at, now: self.now }, &mut self.json);
        written.or_else(|error| self.fail(pos, error))
    }

    fn part(&mut self, fields: &'p [(Name, PartField)], row: Row<'p>) -> Written {
        self.fields(fields.iter().map(|(name, field)| (name, field)), |writer, field| match field {
            PartField::Typename(name) => Ok(writer.json.text(name)),
            PartField::Leaf { nullable, pos, leaf } => writer.nullable(*nullable, |writer| writer.leaf(*pos, leaf, row)),
        })
    }

    fn attachments(&mut self, pos: Pos, text: Option<&str>, fields: &'p [(Name, AttachmentField)]) -> Written {
        let files: Vec<Value> = match text.map_or(Ok(Vec::new()), serde_json::from_str) {
            Ok(files) => files,
            Err(error) => return self.fail(pos, Error::internal(&error, "stored attachments are not a list")),
        };
        self.items(&files, |writer, file| {
            let file = reading::attachment(file);
            writer.fields(fields.iter().map(|(name, field)| (name, field)), |writer, field| {
                field.write(&file, &mut writer.json);
                Ok(())
            })
        })
    }

    fn connection(&mut self, list: &'p ListPlan, query: &'p ListQuery, data: &'p ListData, place: usize) -> Written {
        self.fields(list.connection.iter().map(|(name, field)| (name, field)), |writer, field| {
            let pos = match field {
                ConnectionField::Typename(name) => return Ok(writer.json.text(name)),
                ConnectionField::TotalCount(pos) => {
                    return match data.counts.as_ref().expect("what is selected was counted") {
                        Ok(counts) => Ok(writer.json.count(counts[place])),
                        Err(error) => writer.fail(*pos, error.clone()),
                    };
                }
                ConnectionField::PageInfo(pos, _) | ConnectionField::Nodes(pos, _) | ConnectionField::Edges(pos, _) => *pos,
            };
            let pages = data.pages.as_ref().expect("what is selected was read");
            match pages {
                Ok(pages) => {
                    let level = Level { plan: &list.rows, query: &query.rows, rows: &pages.paged.rows, links: &pages.links };
                    writer.page_field(field, pages, level, place)
                }
                Err(error) => writer.fail(pos, error.clone()),
            }
        })
    }

    /// Writes a field of a connection that depends on its page.
    fn page_field(&mut self, field: &'p ConnectionField, pages: &'p PagesData, level: Level<'p>, place: usize) -> Written {
        let page = &pages.paged.pages[place];
        match field {
            ConnectionField::Nodes(_, selection) => self.items(&page.rows, |writer, row| writer.object(selection, level, *row)),
            ConnectionField::Edges(_, fields) => self.items(&page.rows, |writer, row| {
                writer.fields(fields.iter().map(|(name, field)| (name, field)), |writer, field| match field {
                    EdgeField::Typename(name) => Ok(writer.json.text(name)),
                    EdgeField::Cursor => Ok(writer.json.text(&pages.paged.cursor(*row))),
                    EdgeField::Node(selection) => writer.object(selection, level, *row),
                })
            }),
            ConnectionField::PageInfo(_, fields) => {
                self.fields(fields.iter().map(|(name, field)| (name, field)), |writer, field| {
                    let cursor = |row: Option<&u32>| row.map(|row| pages.paged.cursor(*row));
                    let json = &mut writer.json;
                    match field {
                        PageInfoField::Typename => json.text("PageInfo"),
                        PageInfoField::HasNextPage => json.flag(page.has_next),
                        PageInfoField::HasPreviousPage => json.flag(page.has_previous),
                        PageInfoField::StartCursor => json.text_or_null(cursor(page.rows.first()).as_deref()),
                        PageInfoField::EndCursor => json.text_or_null(cursor(page.rows.last()).as_deref()),
                    }
                    Ok(())
                })
            }
            ConnectionField::Typename(_) | ConnectionField::TotalCount(_) => {
                unreachable!("they do not depend on the page")
            }
        }
    }
}
