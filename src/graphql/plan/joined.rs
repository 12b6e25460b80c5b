//! Joins plans for the same rows, so that the rows and their links are read once for several documents.
//!
//! A joined plan reads the columns and links of all of them. The selections are moved into it: their indexes of columns and links
//! become those of the joined plan. Look-ups by key are shared; each list stays a link of its own.

use async_graphql::Name;

use super::{FieldPlan, LeafPlan, LinkPlan, PartField, RowsPlan, Selection, ValuePlan};

/// The indexes that the columns and links of a plan have in the joined plan.
#[derive(Debug, Default)]
pub(super) struct Moved {
    columns: Vec<u8>,
    /// With the moves inside each link.
    links: Vec<(usize, Moved)>,
}

impl RowsPlan {
    /// Whether the plan only looks up rows by key, and reads no lists.
    pub(super) fn is_all_by_key(&self) -> bool {
        self.links.iter().all(|link| match link {
            LinkPlan::Rows { rows, .. } => rows.is_all_by_key(),
            LinkPlan::List { .. } => false,
        })
    }

    /// Adds what another plan reads of the same rows.
    pub(super) fn join(&mut self, other: &Self) -> Moved {
        let mut moved = Moved { columns: other.columns.iter().map(|column| self.place(column)).collect(), links: Vec::new() };
        for link in &other.links {
            let link = match link {
                LinkPlan::Rows { key, table, arguments, rows } => {
                    let key = moved.column(*key);
                    let is_same = |link: &LinkPlan| {
                        matches!(link, LinkPlan::Rows { key: other, table: to, arguments: with, .. }
                            if (*other, to, with) == (key, table, arguments))
                    };
                    let place = self.links.iter().position(is_same).unwrap_or_else(|| {
                        let rows = Self::new(rows.of);
                        self.link(LinkPlan::Rows { key, table: *table, arguments: arguments.clone(), rows })
                    });
                    (place, self.links[place].rows_mut().join(rows))
                }
                LinkPlan::List { key, parent, list } => {
                    let list = LinkPlan::List { key: moved.column(*key), parent: *parent, list: list.clone() };
                    (self.link(list), Moved::default())
                }
            };
            moved.links.push(link);
        }
        moved
    }
}

impl LinkPlan {
    /// The plan of the linked rows.
    fn rows_mut(&mut self) -> &mut RowsPlan {
        match self {
            Self::Rows { rows, .. } => rows,
            Self::List { list, .. } => &mut list.rows,
        }
    }
}

impl Moved {
    /// A selection of the moved plan, as one of the joined plan.
    pub(super) fn selection(&self, selection: &Selection) -> Selection {
        let field = |field: &FieldPlan| FieldPlan { nullable: field.nullable, pos: field.pos, value: self.value(&field.value) };
        selection.iter().map(|(name, plan)| (name.clone(), field(plan))).collect()
    }

    fn value(&self, value: &ValuePlan) -> ValuePlan {
        match value {
            ValuePlan::Typename(name) => ValuePlan::Typename(name),
            ValuePlan::Leaf(leaf) => ValuePlan::Leaf(self.leaf(leaf)),
            ValuePlan::Part { is_known, at, fields } => {
                ValuePlan::Part { is_known: *is_known, at: self.columns(at), fields: self.part(fields) }
            }
            ValuePlan::Attachments { at, fields } => ValuePlan::Attachments { at: self.column(*at), fields: fields.clone() },
            ValuePlan::KeyOnly { at, fields } => ValuePlan::KeyOnly { at: self.column(*at), fields: self.part(fields) },
            ValuePlan::One { link, selection, key, missing } => {
                let (link, inside) = &self.links[*link];
                let (selection, key) = (inside.selection(selection), self.column(*key));
                ValuePlan::One { link: *link, selection, key, missing: *missing }
            }
            ValuePlan::Many { link, selection, filtered } => {
                let (link, inside) = &self.links[*link];
                let (selection, filtered) = (inside.selection(selection), filtered.map(|column| inside.column(column)));
                ValuePlan::Many { link: *link, selection, filtered }
            }
            ValuePlan::List(link) => ValuePlan::List(self.links[*link].0),
        }
    }

    fn part(&self, fields: &[(Name, PartField)]) -> Vec<(Name, PartField)> {
        let field = |field: &PartField| match field {
            PartField::Typename(name) => PartField::Typename(name),
            PartField::Leaf { nullable, pos, leaf } => PartField::Leaf { nullable: *nullable, pos: *pos, leaf: self.leaf(leaf) },
        };
        fields.iter().map(|(name, plan)| (name.clone(), field(plan))).collect()
    }

    fn leaf(&self, leaf: &LeafPlan) -> LeafPlan {
        LeafPlan { at: self.columns(&leaf.at), write: leaf.write }
    }

    fn columns(&self, columns: &[u8]) -> Vec<u8> {
        columns.iter().map(|column| self.column(*column)).collect()
    }

    fn column(&self, column: u8) -> u8 {
        self.columns[usize::from(column)]
    }
}
