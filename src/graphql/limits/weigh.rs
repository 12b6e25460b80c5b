//! Computes the weight of a document: selections, aliases, directives, input, depth, complexity.
//!
//! Everything is counted as if each fragment were expanded at every spread, but each definition is visited once: the sum of a
//! fragment depends only on the fragment, so it is computed before those that spread it, and then added at each spread. All
//! sums saturate. The rules of complexity are in the [module above](super).

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Positioned, Variables,
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
    },
};

use super::{
    fragments,
    input::Input,
    refusal::Refusal,
    root,
    shape::{Kind, Shape},
};
use crate::domain::page;

/// Selected leaf fields of an object that add nothing to its complexity.
pub(super) const FREE_LEAVES: u64 = 50;

/// Bytes of a field's arguments that add nothing to its complexity.
const FREE_INPUT_BYTES: u64 = 1024;

/// The weight of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    /// The sum of all operations, and of the fragments that none of them spreads.
    pub(super) whole: Sum,
    /// The number of root fields of the operation that runs.
    pub(super) root_fields: u64,
    /// The complexity of introspection in the operation that runs.
    pub(super) introspection: u64,
    /// The complexity of the operation that runs.
    pub(super) complexity: u64,
    /// The number of pairs of fields to compare when checking that fields can be merged.
    pub(super) comparisons: u64,
    /// The type of the operation that runs, if it is unambiguous.
    pub(super) operation: Option<OperationType>,
}

/// The counts of a selection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    /// Nesting of selection sets.
    pub(super) nesting: u64,
    /// Nesting of fields.
    pub(super) depth: u64,
    /// Fields, spreads and inline fragments.
    pub(super) selections: u64,
    /// Aliases.
    pub(super) aliases: u64,
    /// Directives.
    pub(super) directives: u64,
    /// The most directives at one place.
    pub(super) directives_per_field: u64,
    /// Bytes of arguments.
    pub(super) input: u64,
    /// Number of fields in the set itself.
    fields: u64,
    /// Number of those fields that are leaves.
    leaves: u64,
    /// The complexity of the objects that one object leads to.
    cost: u64,
    /// In a page: the complexity of each of its objects.
    row: u64,
    /// In a page: whether its objects are read, perhaps only for `pageInfo`.
    reads_page: bool,
    /// The complexity of introspection.
    introspection: u64,
}

impl Sum {
    /// The sum of two selections side by side.
    fn and(self, other: Self) -> Self {
        Self {
            nesting: self.nesting.max(other.nesting),
            depth: self.depth.max(other.depth),
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            directives_per_field: self.directives_per_field.max(other.directives_per_field),
            input: self.input.saturating_add(other.input),
            fields: self.fields.saturating_add(other.fields),
            leaves: self.leaves.saturating_add(other.leaves),
            cost: self.cost.saturating_add(other.cost),
            row: self.row.saturating_add(other.row),
            reads_page: self.reads_page || other.reads_page,
            introspection: self.introspection.saturating_add(other.introspection),
        }
    }

    /// The complexity of one object with this selection.
    fn object(&self) -> u64 {
        (1 + self.leaves / FREE_LEAVES).saturating_add(self.cost)
    }
}

/// Weighs a document. Cyclic fragments are refused.
pub(super) fn weigh(
    document: &ExecutableDocument,
    operation_name: Option<&str>,
    variables: &Variables,
    shape: &Shape,
) -> Result<Weight, Refusal> {
    let running = running(document, operation_name);
    let definitions = running.map_or(&[][..], |operation| &operation.variable_definitions);
    let mut weigher = Weigher {
        input: Input::new(variables, definitions),
        shape,
        fragments: HashMap::new(),
        spread: HashSet::new(),
        comparisons: 0,
    };
    for (name, fragment) in fragments::in_order(&document.fragments)? {
        let sum = weigher.set(&fragment.selection_set.node, &fragment.type_condition.node.on.node);
        let sum = sum.and(weigher.directives(&fragment.directives));
        weigher.fragments.insert(name, sum);
    }
    let mut weight = Weight::default();
    for (_, operation) in document.operations.iter() {
        if operation.node.ty == OperationType::Subscription {
            root::check_subscription(&operation.node)?;
        }
        let sum = weigher.operation(&operation.node);
        weight.whole = weight.whole.and(sum);
        if running.is_some_and(|running| std::ptr::eq(running, &raw const operation.node)) {
            weight.root_fields = sum.fields;
            weight.introspection = sum.introspection;
            weight.complexity = sum.cost;
            weight.operation = Some(operation.node.ty);
        }
    }
    for (name, sum) in &weigher.fragments {
        if !weigher.spread.contains(name) {
            weight.whole = weight.whole.and(*sum);
        }
    }
    weight.comparisons = weigher.comparisons;
    Ok(weight)
}

/// The operation that runs, if it is unambiguous.
fn running<'d>(document: &'d ExecutableDocument, name: Option<&str>) -> Option<&'d OperationDefinition> {
    let operation = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => operation,
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name)?,
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => operations.values().next()?,
        _ => return None,
    };
    Some(&operation.node)
}

struct Weigher<'d> {
    input: Input<'d>,
    shape: &'d Shape,
    fragments: HashMap<&'d str, Sum>,
    spread: HashSet<&'d str>,
    comparisons: u64,
}

impl<'d> Weigher<'d> {
    fn operation(&mut self, operation: &'d OperationDefinition) -> Sum {
        let mut sum = self.set(&operation.selection_set.node, self.shape.root(operation.ty));
        sum = sum.and(self.directives(&operation.directives));
        for definition in &operation.variable_definitions {
            sum = sum.and(self.directives(&definition.node.directives));
        }
        sum
    }

    fn set(&mut self, set: &'d SelectionSet, parent: &str) -> Sum {
        let mut sum = Sum::default();
        for selection in &set.items {
            let (inner, directives) = match &selection.node {
                Selection::Field(field) => (self.field(&field.node, parent), &field.node.directives),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                    (self.set(&fragment.node.selection_set.node, condition.unwrap_or(parent)), &fragment.node.directives)
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    self.spread.insert(name);
                    (self.fragments.get(name).copied().unwrap_or_default(), &spread.node.directives)
                }
            };
            sum = sum.and(Sum { selections: inner.selections.saturating_add(1), ..inner }).and(self.directives(directives));
        }
        self.comparisons = self.comparisons.saturating_add(sum.fields);
        Sum { nesting: sum.nesting + 1, ..sum }
    }

    fn field(&mut self, field: &'d Field, parent: &str) -> Sum {
        let shape = self.shape;
        let link = shape.link(parent, &field.name.node);
        let below = if field.selection_set.node.items.is_empty() {
            Sum::default()
        } else {
            self.set(&field.selection_set.node, link.map_or("", |link| &link.of))
        };
        let input = self.input.bytes(&field.arguments);
        let mut sum = Sum {
            depth: below.depth + 1,
            aliases: below.aliases.saturating_add(field.alias.is_some().into()),
            input: below.input.saturating_add(input),
            fields: 1,
            leaves: 0,
            cost: input / FREE_INPUT_BYTES,
            row: 0,
            reads_page: false,
            ..below
        };
        let times = |count: u64, each: u64| count.saturating_mul(each);
        match link.map(|link| link.kind) {
            None => sum.leaves = 1,
            Some(Kind::One) => sum.cost = sum.cost.saturating_add(below.object()),
            Some(Kind::List(usual)) => {
                let count = self.input.length(field, "ids").unwrap_or_else(|| self.input.page_size(field, usual));
                sum.cost = sum.cost.saturating_add(times(count, below.object()));
            }
            Some(Kind::Connection) => {
                let rows = times(self.input.page_size(field, page::DEFAULT_SIZE.into()), below.row.max(below.reads_page.into()));
                sum.cost = sum.cost.saturating_add(below.object()).saturating_add(rows);
            }
            Some(Kind::Nodes) => sum.row = below.object(),
            // The object of an edge counts; the edge itself counts only if nothing but the edge is selected.
            Some(Kind::Edges) => sum.row = below.cost.saturating_add(below.leaves / FREE_LEAVES).max(1),
            Some(Kind::PageInfo) => sum.reads_page = true,
            Some(Kind::Introspection) => sum.introspection = below.object(),
        }
        sum
    }

    fn directives(&self, directives: &[Positioned<Directive>]) -> Sum {
        let input = directives.iter().map(|directive| self.input.bytes(&directive.node.arguments));
        Sum {
            directives: directives.len() as u64,
            directives_per_field: directives.len() as u64,
            input: input.fold(0, u64::saturating_add),
            ..Sum::default()
        }
    }
}
