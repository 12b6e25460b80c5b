//! Selections of everything that objects have, some links deep.

use std::{cell::RefCell, collections::BTreeSet, fmt::Write as _};

use super::sdl::{Sdl, base};

/// Builds selections, and keeps what was ever selected.
pub(super) struct Selections<'s> {
    pub(super) sdl: &'s Sdl,
    selected: RefCell<BTreeSet<(String, String)>>,
    /// What a role is refused.
    refused: BTreeSet<(String, String)>,
}

/// Whether a type is, or is made of, the raw log, which is refused as a whole.
pub(super) fn is_of_the_log(sdl: &Sdl, ty: &str) -> bool {
    ty == "Event" || !sdl.is_node(ty) && sdl.fields(ty).iter().any(|field| base(&field.ty.node) == "Event")
}

/// Whether a type is a payload that tells what a list or a statistic answers now, and not one change.
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

    /// Selections without what a role is refused.
    pub(super) fn without(sdl: &'s Sdl, refused: BTreeSet<(String, String)>) -> Self {
        Self { sdl, selected: RefCell::default(), refused }
    }

    /// Everything that an object of a type tells, with braces; links to other objects and lists of them so many deep. Nothing
    /// for what has no fields.
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
            // Of a list, nodes are selected in full and edges are not.
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

    /// Of a list its count, and of its objects their ids, with all that stands beside them; of anything else all.
    pub(super) fn ids(&self, ty: &str) -> String {
        let Some(edge) = self.sdl.fields(ty).into_iter().find(|field| field.name.node == "edges") else { return self.of(ty, 0) };
        let fields = self.sdl.fields(base(&edge.ty.node)).into_iter().filter(|field| field.name.node != "node");
        let beside: Vec<&str> = fields.map(|field| field.name.node.as_str()).collect();
        let page = self.of("PageInfo", 0);
        format!("{{ totalCount pageInfo {page} edges {{ {} node {{ __typename ... on Node {{ id }} }} }} }}", beside.join(" "))
    }

    /// What of the schema was selected nowhere, and is not left out for a reason.
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
