//! Compiles a document into a plan.
//!
//! The document must be valid and within the request limits: fragments are not cyclic, and fields under one response key can be
//! merged.

use std::collections::HashMap;

use async_graphql::parser::types::Selection as Item;
use async_graphql::{
    InputType, Name, Pos, Positioned, Value, Variables,
    parser::types::{
        Directive, ExecutableDocument, Field as Selected, FragmentDefinition, OperationDefinition, OperationType, SelectionSet,
    },
};

use super::{
    ConnectionField, EdgeField, FieldPlan, LeafPlan, LinkPlan, ListPlan, Listed, PageInfoField, PartField, Plan, Root, RowsPlan,
    Selection, Type, ValuePlan, Variable, Write,
    fields::{AttachmentField, Field, Leaf},
};
use crate::{domain::scope::Masks, store::Table};

/// Whether an operation's plan depends on the variables of a request.
pub(crate) fn depends_on_variables(document: &ExecutableDocument, operation: &OperationDefinition) -> bool {
    fn in_set(set: &SelectionSet) -> bool {
        set.items.iter().any(|item| {
            let conditions = item.node.directives().iter().flat_map(|directive| &directive.node.arguments);
            conditions.into_iter().any(|(_, value)| matches!(value.node, async_graphql_value::Value::Variable(_)))
                || match &item.node {
                    Item::Field(field) => in_set(&field.node.selection_set.node),
                    Item::InlineFragment(fragment) => in_set(&fragment.node.selection_set.node),
                    Item::FragmentSpread(_) => false,
                }
        })
    }
    in_set(&operation.selection_set.node) || document.fragments.values().any(|fragment| in_set(&fragment.node.selection_set.node))
}

impl Plan {
    /// The plan of an operation; `None` if it selects something that plans don't support.
    pub(crate) fn of(
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
        masks: Option<&Masks>,
    ) -> Option<Self> {
        if operation.ty != OperationType::Query {
            return None;
        }
        let builder = Builder { fragments: &document.fragments, variables, masks };
        let mut root = Vec::new();
        for found in builder.collected([(&operation.selection_set.node, true)], "Query", false)? {
            let field = builder.root(&found)?;
            root.push((found.key, field));
        }
        // If no field reads the store, there is no state whose position could be reported.
        let reads = |root: &Root| !matches!(root, Root::Typename);
        root.iter().any(|(_, root)| reads(root)).then(|| Self { root, variables: self::variables(operation) })
    }
}

pub(super) struct Builder<'d> {
    pub(super) fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    pub(super) variables: &'d Variables,
    pub(super) masks: Option<&'d Masks>,
}

/// Everything selected under one response key of an object.
pub(super) struct Found<'d> {
    pub(super) key: Name,
    pub(super) field: &'d Selected,
    pub(super) pos: Pos,
    /// The selection sets of all occurrences, and whether each is included.
    pub(super) sets: Vec<(&'d SelectionSet, bool)>,
    is_included: bool,
}

impl<'d> Builder<'d> {
    /// The fields of an object, by response key, in order of first occurrence. An occurrence that `@skip` excludes or whose
    /// type does not apply still determines the order. `None` if no field is left, which is left to async-graphql.
    pub(super) fn collected(
        &self,
        sets: impl IntoIterator<Item = (&'d SelectionSet, bool)>,
        of: &str,
        is_node: bool,
    ) -> Option<Vec<Found<'d>>> {
        let mut found = Vec::new();
        for (set, is_included) in sets {
            self.collect(set, is_included, of, is_node, &mut found);
        }
        found.retain(|found| found.is_included);
        (!found.is_empty()).then_some(found)
    }

    fn collect(&self, set: &'d SelectionSet, is_included: bool, of: &str, is_node: bool, found: &mut Vec<Found<'d>>) {
        for item in &set.items {
            let is_included = is_included && !self.is_skipped(item.node.directives());
            match &item.node {
                Item::Field(field) => {
                    let key = &field.node.response_key().node;
                    let set = (&field.node.selection_set.node, is_included);
                    if let Some(found) = found.iter_mut().find(|found| found.key == *key) {
                        if is_included && !found.is_included {
                            (found.field, found.pos, found.is_included) = (&field.node, field.pos, true);
                        }
                        found.sets.push(set);
                    } else {
                        let (field, pos) = (&field.node, field.pos);
                        found.push(Found { key: key.clone(), field, pos, sets: vec![set], is_included });
                    }
                }
                Item::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                    let applies = on.is_none_or(|on| on == of || (is_node && on == "Node"));
                    self.collect(&fragment.node.selection_set.node, is_included && applies, of, is_node, found);
                }
                Item::FragmentSpread(spread) => {
                    if let Some(fragment) = self.fragments.get(&spread.node.fragment_name.node) {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        let applies = on == of || (is_node && on == "Node");
                        self.collect(&fragment.node.selection_set.node, is_included && applies, of, is_node, found);
                    }
                }
            }
        }
    }

    /// As async-graphql does it: a condition that has no value is false.
    fn is_skipped(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let includes = match directive.node.name.node.as_str() {
                "skip" => false,
                "include" => true,
                _ => return false,
            };
            directive.node.get_argument("if").is_some_and(|condition| {
                let value = condition.node.clone().into_const_with(|name| self.variables.get(&name).cloned().ok_or(()));
                let is_met: bool = InputType::parse(Some(value.unwrap_or(Value::Null))).unwrap_or_default();
                includes != is_met
            })
        })
    }

    fn is_masked(&self, of: &str, field: &str) -> bool {
        self.masks.is_some_and(|masks| masks.hide(of, field))
    }

    fn root(&self, found: &Found<'d>) -> Option<Root> {
        let list = |listed| Some(Root::List(self.list(found, listed)?));
        match found.field.name.node.as_str() {
            "__typename" => Some(Root::Typename),
            "head" => Some(Root::Head(found.pos)),
            "customer" => self.object(found, Type::Customer),
            "conversation" => self.object(found, Type::Conversation),
            "message" => self.object(found, Type::Message),
            "ticket" => self.object(found, Type::Ticket),
            "staff" => self.object(found, Type::Staff),
            "customers" => list(Listed::Customers),
            "conversations" => list(Listed::Conversations),
            "messages" => list(Listed::Messages),
            "tickets" => list(Listed::Tickets),
            "staffMembers" => list(Listed::Staff),
            "events" => list(Listed::Events),
            _ => None,
        }
    }

    fn object(&self, found: &Found<'d>, of: Type) -> Option<Root> {
        let mut rows = RowsPlan::new(of);
        let selection = self.selection(found.sets.iter().copied(), &mut rows)?;
        Some(Root::Object { of, arguments: arguments(found), pos: found.pos, selection, rows })
    }

    /// The selected fields of rows. Adds their columns and links to `rows`.
    pub(super) fn selection(
        &self,
        sets: impl IntoIterator<Item = (&'d SelectionSet, bool)>,
        rows: &mut RowsPlan,
    ) -> Option<Selection> {
        let mut selection = Vec::new();
        for found in self.collected(sets, rows.of.name(), rows.of.is_node())? {
            let name = found.field.name.node.as_str();
            let (nullable, value) = if name == "__typename" {
                (false, ValuePlan::Typename(rows.of.name()))
            } else if self.is_masked(rows.of.name(), name) {
                (true, ValuePlan::Leaf(masked(&rows.of.field(name)?)))
            } else {
                self.value(&found, &rows.of.field(name)?, rows)?
            };
            selection.push((found.key, FieldPlan { nullable, pos: found.pos, value }));
        }
        Some(selection)
    }

    /// Whether a field is nullable, and how it is written.
    fn value(&self, found: &Found<'d>, field: &Field, rows: &mut RowsPlan) -> Option<(bool, ValuePlan)> {
        let sets = || found.sets.iter().copied();
        Some(match *field {
            Field::Leaf(leaf) => (leaf.nullable, ValuePlan::Leaf(rows.leaf(leaf))),
            Field::Part { name, nullable, columns, is_known, field } => {
                let at = rows.places(columns);
                (nullable, ValuePlan::Part { is_known, at, fields: self.part(sets(), name, field, rows)? })
            }
            Field::Attachments { column } => {
                let mut fields = Vec::new();
                for found in self.collected(sets(), "Attachment", false)? {
                    let name = &found.field.name.node;
                    let field = AttachmentField::named(name)?;
                    fields.push((found.key, if self.is_masked("Attachment", name) { field.masked() } else { field }));
                }
                (false, ValuePlan::Attachments { at: rows.place(column), fields })
            }
            Field::One { key, target, is_surely_there, required } => {
                let at = rows.place(key);
                let nullable = required.is_none();
                if is_surely_there && let Some(fields) = self.known(sets(), target.of, target.key, at) {
                    return Some((nullable, ValuePlan::KeyOnly { at, fields }));
                }
                let mut linked = RowsPlan::new(target.of);
                let selection = self.selection(sets(), &mut linked)?;
                let link = rows.link(LinkPlan::Rows { key: at, table: target.table, arguments: arguments(found), rows: linked });
                (nullable, ValuePlan::One { link, selection, key: at, missing: required })
            }
            Field::Many { key, target } => {
                let mut linked = RowsPlan::new(target.of);
                let selection = self.selection(sets(), &mut linked)?;
                let filtered = (target.table == Table::CustomField).then(|| linked.place("key"));
                let key = rows.place(key);
                let link = rows.link(LinkPlan::Rows { key, table: target.table, arguments: arguments(found), rows: linked });
                (false, ValuePlan::Many { link, selection, filtered })
            }
            Field::List { key, parent, listed } => {
                let list = self.list(found, listed)?;
                let key = rows.place(key);
                // The schema says otherwise, but async-graphql writes null for a list that can't be read.
                (true, ValuePlan::List(rows.link(LinkPlan::List { key, parent, list })))
            }
        })
    }

    fn part(
        &self,
        sets: impl IntoIterator<Item = (&'d SelectionSet, bool)>,
        name: &'static str,
        field: fn(&str) -> Option<Leaf>,
        rows: &mut RowsPlan,
    ) -> Option<Vec<(Name, PartField)>> {
        let mut fields = Vec::new();
        for found in self.collected(sets, name, false)? {
            let of = match found.field.name.node.as_str() {
                "__typename" => PartField::Typename(name),
                other => {
                    let leaf = if self.is_masked(name, other) { masked_leaf(field(other)?.nullable) } else { field(other)? };
                    PartField::Leaf { nullable: leaf.nullable, pos: found.pos, leaf: rows.leaf(leaf) }
                }
            };
            fields.push((found.key, of));
        }
        Some(fields)
    }

    /// The selection of an object, if all of it can be derived from the key in column `at`.
    fn known(
        &self,
        sets: impl IntoIterator<Item = (&'d SelectionSet, bool)>,
        of: Type,
        key: &str,
        at: u8,
    ) -> Option<Vec<(Name, PartField)>> {
        let mut fields = Vec::new();
        for found in self.collected(sets, of.name(), of.is_node())? {
            let field = match found.field.name.node.as_str() {
                "__typename" => PartField::Typename(of.name()),
                name => match of.field(name)? {
                    Field::Leaf(leaf) if leaf.columns == [key] && !self.is_masked(of.name(), name) => {
                        let written = LeafPlan { at: vec![at], write: leaf.write };
                        PartField::Leaf { nullable: leaf.nullable, pos: found.pos, leaf: written }
                    }
                    _ => return None,
                },
            };
            fields.push((found.key, field));
        }
        Some(fields)
    }

    fn list(&self, found: &Found<'d>, listed: Listed) -> Option<ListPlan> {
        let of = listed.of();
        let name = format!("{}Connection", of.name());
        let mut rows = RowsPlan::new(of);
        let mut connection = Vec::new();
        let (mut reads_page, mut counts) = (false, false);
        for found in self.collected(found.sets.iter().copied(), &name, false)? {
            let sets = || found.sets.iter().copied();
            let field = match found.field.name.node.as_str() {
                "__typename" => ConnectionField::Typename(name.clone()),
                "totalCount" => {
                    counts = true;
                    ConnectionField::TotalCount(found.pos)
                }
                "pageInfo" => {
                    reads_page = true;
                    ConnectionField::PageInfo(found.pos, self.page_info(sets())?)
                }
                "nodes" => {
                    reads_page = true;
                    ConnectionField::Nodes(found.pos, self.selection(sets(), &mut rows)?)
                }
                "edges" => {
                    reads_page = true;
                    ConnectionField::Edges(found.pos, self.edges(sets(), &mut rows)?)
                }
                _ => return None,
            };
            connection.push((found.key, field));
        }
        Some(ListPlan { listed, arguments: arguments(found), connection, rows, reads_page, counts })
    }

    fn edges(
        &self,
        sets: impl IntoIterator<Item = (&'d SelectionSet, bool)>,
        rows: &mut RowsPlan,
    ) -> Option<Vec<(Name, EdgeField)>> {
        let name = format!("{}Edge", rows.of.name());
        let mut fields = Vec::new();
        for found in self.collected(sets, &name, false)? {
            let field = match found.field.name.node.as_str() {
                "__typename" => EdgeField::Typename(name.clone()),
                "cursor" => EdgeField::Cursor,
                "node" => EdgeField::Node(self.selection(found.sets.iter().copied(), rows)?),
                _ => return None,
            };
            fields.push((found.key, field));
        }
        Some(fields)
    }

    fn page_info(&self, sets: impl IntoIterator<Item = (&'d SelectionSet, bool)>) -> Option<Vec<(Name, PageInfoField)>> {
        let mut fields = Vec::new();
        for found in self.collected(sets, "PageInfo", false)? {
            let field = match found.field.name.node.as_str() {
                "__typename" => PageInfoField::Typename,
                "hasNextPage" => PageInfoField::HasNextPage,
                "hasPreviousPage" => PageInfoField::HasPreviousPage,
                "startCursor" => PageInfoField::StartCursor,
                "endCursor" => PageInfoField::EndCursor,
                _ => return None,
            };
            fields.push((found.key, field));
        }
        Some(fields)
    }
}

/// A masked field: null, or `{}` if the field is not nullable.
fn masked(field: &Field) -> LeafPlan {
    let Leaf { write, .. } = masked_leaf(!matches!(field, Field::Leaf(Leaf { nullable: false, .. })));
    LeafPlan { at: Vec::new(), write }
}

fn masked_leaf(nullable: bool) -> Leaf {
    let write: Write = if nullable { |_, json| Ok(json.null()) } else { |_, json| Ok(json.value(&serde_json::json!({}))) };
    Leaf { nullable, columns: &[], write }
}

/// The variables that an operation defines.
pub(super) fn variables(operation: &OperationDefinition) -> Vec<Variable> {
    let defined = operation.variable_definitions.iter().map(|definition| Variable {
        name: definition.node.name.node.clone(),
        default: definition.node.default_value().cloned(),
    });
    defined.collect()
}

pub(super) fn arguments(found: &Found<'_>) -> super::Arguments {
    found.field.arguments.iter().map(|(name, value)| (name.node.clone(), value.node.clone())).collect()
}

impl RowsPlan {
    pub(super) fn new(of: Type) -> Self {
        Self { of, columns: Vec::new(), links: Vec::new() }
    }

    /// The index of a column, which is added to those read.
    pub(super) fn place(&mut self, column: &'static str) -> u8 {
        let place = self.columns.iter().position(|other| *other == column).unwrap_or_else(|| {
            self.columns.push(column);
            self.columns.len() - 1
        });
        u8::try_from(place).expect("no table has 256 columns")
    }

    fn places(&mut self, columns: &[&'static str]) -> Vec<u8> {
        columns.iter().map(|column| self.place(column)).collect()
    }

    fn leaf(&mut self, leaf: Leaf) -> LeafPlan {
        LeafPlan { at: self.places(leaf.columns), write: leaf.write }
    }

    /// Adds a link, and returns its index.
    pub(super) fn link(&mut self, link: LinkPlan) -> usize {
        self.links.push(link);
        self.links.len() - 1
    }
}
