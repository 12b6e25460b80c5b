//! Selections of all fields of objects, to a depth of links.

use std::{cell::RefCell, collections::BTreeSet, fmt::Write as _};

use super::sdl::{Sdl, base};

/// Builds selections, and records what was ever selected.
pub(super) struct Selections<'s> {
    pub(super) sdl: &'s Sdl,
    selected: RefCell<BTreeSet<(String, String)>>,
    /// The fields refused to a role.
    refused: BTreeSet<(String, String)>,
}

/// Whether a type belongs to the raw log, which is refused as a whole.
pub(super) fn is_of_the_log(sdl: &Sdl, ty: &str) -> bool {
    ty == "Event" || !sdl.is_node(ty) && sdl.fields(ty).iter().any(|field| base(&field.ty.node) == "Event")
}

/// Whether a type is a payload with the current result of a list or statistic.
pub(super) fn is_live_result(sdl: &Sdl, ty: &str) -> bool {
    sdl.fields(ty).iter().any(|field| ["page", "rows"].contains(&field.name.node.as_str()))
}

/// The type of the steps of a live page.
fn step_of<'s>(sdl: &'s Sdl, payload: &str) -> Option<&'s str> {
    sdl.fields(payload).into_iter().find(|field| field.name.node == "steps").map(|steps| base(&steps.ty.node))
}

impl<'s> Selections<'s> {
    pub(super) fn new(sdl: &'s Sdl) -> Self {
        Self { sdl, selected: RefCell::default(), refused: BTreeSet::new() }
    }

    /// Selections without the refused fields.
    pub(super) fn without(sdl: &'s Sdl, refused: BTreeSet<(String, String)>) -> Self {
        Self { sdl, selected: RefCell::default(), refused }
    }

    /// All fields of a type, with braces, and linked objects and lists to a depth. Empty for a type without fields.
    pub(super) fn of(&self, ty: &str, depth: usize) -> String {
        if self.sdl.is_leaf(ty) {
            return String::new();
        }
        let mut text = "{ __typename ".to_owned();
        let possible = self.sdl.possible(ty);
        if possible.is_empty() {
            text += &self.fields(ty, depth, "");
        }
        for one in possible {
            if one == "Event" {
                text += "... on Event { id } ";
            } else {
                // The same name may have another type elsewhere.
                let _ = write!(text, "... on {one} {{ {} }} ", self.fields(one, depth, &format!("{one}_")));
            }
        }
        text + "} "
    }

    fn fields(&self, of: &str, depth: usize, alias: &str) -> String {
        let is_node = self.sdl.is_node(of);
        if is_node && depth == 0 {
            return format!("{alias}id: id ");
        }
        let mut text = String::new();
        for field in self.sdl.fields(of) {
            let (name, ty) = (field.name.node.as_str(), base(&field.ty.node));
            if is_of_the_log(self.sdl, ty) || self.refused.contains(&(of.to_owned(), name.to_owned())) {
                continue;
            }
            let is_edges_node = of.ends_with("Edge") && name == "node";
            // In a list, nodes are selected in full and edges are not.
            let below = if is_edges_node { 0 } else { depth - usize::from(is_node) };
            let page = match field.arguments.iter().find(|argument| argument.node.name.node == "first") {
                Some(_) if depth == 1 => "(first: 2)",
                Some(_) if depth == 2 => "(first: 4)",
                _ => "",
            };
            self.selected.borrow_mut().insert((of.to_owned(), name.to_owned()));
            let _ = write!(text, "{alias}{name}: {name}{page} {}", self.of(ty, below));
        }
        text
    }

    /// For a list its count and the ids of its objects with their edges; for anything else all fields.
    pub(super) fn ids(&self, ty: &str) -> String {
        let Some(edge) = self.sdl.fields(ty).into_iter().find(|field| field.name.node == "edges") else { return self.of(ty, 0) };
        let fields = self.sdl.fields(base(&edge.ty.node)).into_iter().filter(|field| field.name.node != "node");
        let beside: Vec<&str> = fields.map(|field| field.name.node.as_str()).collect();
        let page = self.of("PageInfo", 0);
        format!("{{ totalCount pageInfo {page} edges {{ {} node {{ __typename ... on Node {{ id }} }} }} }}", beside.join(" "))
    }

    /// The fields that were never selected, except those left out for a reason.
    pub(super) fn missing(&self) -> Vec<String> {
        let selected = self.selected.borrow();
        let mut missing = Vec::new();
        for of in self.sdl.objects() {
            let is_root = of == "Query" || of == "Subscription";
            let is_streamed = self.sdl.fields("Subscription").iter().any(|field| {
                let payload = base(&field.ty.node);
                payload == of || step_of(self.sdl, payload) == Some(of)
            });
            if is_root || is_streamed || is_of_the_log(self.sdl, of) {
                continue;
            }
            for field in self.sdl.fields(of) {
                let (name, ty) = (field.name.node.as_str(), base(&field.ty.node));
                if !is_of_the_log(self.sdl, ty) && !selected.contains(&(of.to_owned(), name.to_owned())) {
                    missing.push(format!("{of}.{name}"));
                }
            }
        }
        missing
    }
}
