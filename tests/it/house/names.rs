//! Finds every path that a source file uses, resolved from its crate.
//!
//! `use` trees are expanded, `self`, `super` and renames are resolved, and paths are found everywhere: in types, expressions,
//! attributes and macro arguments. Re-exports are not followed: a path belongs to the module it names.

use std::{collections::HashMap, mem};

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::{
    Attribute, Expr, ExprLit, Item, ItemExternCrate, ItemMod, ItemUse, Lit, Macro, Meta, UseTree,
    visit::{self, Visit},
};

/// A path used in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Its segments: `crate` first, or the name of another crate. A glob ends in `*`.
    pub(super) path: Vec<String>,
    pub(super) line: usize,
    /// Whether it is in a module that is only compiled for tests.
    pub(super) in_test: bool,
}

/// All paths of two segments or more, and all imports, in the source of a module.
pub(super) fn names(text: &str, module: &[String]) -> Vec<Name> {
    let file = syn::parse_file(text).expect("the source is valid Rust");
    let mut reader = Reader { module: module.to_vec(), scope: HashMap::new(), in_test: false, names: Vec::new() };
    reader.module(&file.items);
    reader.names
}

/// One import of a `use` item.
struct Import {
    path: Vec<String>,
    /// The name it is bound to; globs and `as _` have none.
    bound: Option<String>,
    line: usize,
}

fn text(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}

fn imports(tree: &UseTree, prefix: &[String], found: &mut Vec<Import>) {
    let longer = |ident: &Ident| match text(ident).as_str() {
        "self" if !prefix.is_empty() => prefix.to_vec(),
        name => [prefix, &[name.to_owned()]].concat(),
    };
    match tree {
        UseTree::Path(path) => imports(&path.tree, &longer(&path.ident), found),
        UseTree::Group(group) => group.items.iter().for_each(|tree| imports(tree, prefix, found)),
        UseTree::Name(name) => {
            let path = longer(&name.ident);
            found.push(Import { bound: path.last().cloned(), path, line: line(name.ident.span()) });
        }
        UseTree::Rename(rename) => {
            let bound = Some(text(&rename.rename)).filter(|name| name != "_");
            found.push(Import { path: longer(&rename.ident), bound, line: line(rename.ident.span()) });
        }
        UseTree::Glob(glob) => {
            let path = [prefix, &["*".to_owned()]].concat();
            found.push(Import { path, bound: None, line: line(glob.star_token.spans[0]) });
        }
    }
}

fn line(span: Span) -> usize {
    span.start().line
}

/// The names bound in one module, including its functions, by `use` or as a submodule.
#[derive(Default)]
struct Bindings(HashMap<String, Vec<String>>);

impl<'a> Visit<'a> for Bindings {
    fn visit_item_use(&mut self, item: &'a ItemUse) {
        let mut found = Vec::new();
        imports(&item.tree, &[], &mut found);
        self.0.extend(found.into_iter().filter_map(|import| Some((import.bound?, import.path))));
    }

    fn visit_item_mod(&mut self, module: &'a ItemMod) {
        let name = text(&module.ident);
        self.0.insert(name.clone(), vec!["self".to_owned(), name]);
    }
}

struct Reader {
    /// The current module, which may be inside that of the file.
    module: Vec<String>,
    scope: HashMap<String, Vec<String>>,
    in_test: bool,
    names: Vec<Name>,
}

impl Reader {
    fn module(&mut self, items: &[Item]) {
        let mut bindings = Bindings::default();
        for item in items {
            bindings.visit_item(item);
        }
        let outer = mem::replace(&mut self.scope, bindings.0);
        for item in items {
            self.visit_item(item);
        }
        self.scope = outer;
    }

    fn record(&mut self, mut path: Vec<String>, global: bool, line: usize) {
        if !global {
            path = self.resolve(path);
        }
        self.names.push(Name { path, line, in_test: self.in_test });
    }

    /// The path from its crate on.
    fn resolve(&self, mut path: Vec<String>) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            let first = path[0].clone();
            let base = match first.as_str() {
                "self" => self.module.clone(),
                "super" => self.module[..self.module.len().saturating_sub(1)].to_vec(),
                // A crate's name may be bound to a path that begins with that crate.
                _ if seen.contains(&first) => return path,
                _ => match self.scope.get(&first) {
                    Some(bound) => bound.clone(),
                    None => return path,
                },
            };
            let from_module = matches!(first.as_str(), "self" | "super");
            seen.push(first);
            path = [base, path.split_off(1)].concat();
            if from_module {
                return climb(path);
            }
        }
    }

    /// Finds the paths among unparsed tokens; in attributes, also those written as strings.
    fn scan(&mut self, tokens: TokenStream, in_attribute: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Ident(_) => {
                    at = self.scan_path(&tokens, at, Vec::new());
                    continue;
                }
                TokenTree::Group(group) => self.scan(group.stream(), in_attribute),
                TokenTree::Literal(literal) if in_attribute => {
                    if let Lit::Str(string) = Lit::new(literal.clone()) {
                        self.written(&string);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Records the path, or the `use` tree, whose next segment is at `at`. Returns the index after it.
    fn scan_path(&mut self, tokens: &[TokenTree], mut at: usize, mut path: Vec<String>) -> usize {
        let line = line(tokens[at].span());
        while let Some(TokenTree::Ident(ident)) = tokens.get(at) {
            path.push(text(ident));
            at += 1;
            if !is_colons(tokens, at) {
                break;
            }
            match tokens.get(at + 2) {
                Some(TokenTree::Ident(_)) => at += 2,
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for branch in inner.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')) {
                        if !branch.is_empty() {
                            self.scan_path(branch, 0, path.clone());
                        }
                    }
                    return at + 3;
                }
                _ => break,
            }
        }
        if path.len() > 1 {
            if path.last().is_some_and(|last| last == "self") {
                path.pop();
            }
            self.record(path, false, line);
        }
        at
    }

    /// A string that may be a path, as in `with = "crate::…"`.
    fn written(&mut self, string: &syn::LitStr) {
        if let Ok(path) = string.parse::<syn::Path>() {
            self.visit_path(&path);
        }
    }
}

/// Removes the `super` steps from a path that begins with a module.
fn climb(path: Vec<String>) -> Vec<String> {
    let mut climbed: Vec<String> = Vec::new();
    for segment in path {
        match segment.as_str() {
            "super" => drop(climbed.pop()),
            "self" => {}
            _ => climbed.push(segment),
        }
    }
    climbed
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    is_colon(tokens.get(at)) && is_colon(tokens.get(at + 1))
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

impl<'a> Visit<'a> for Reader {
    fn visit_item_use(&mut self, item: &'a ItemUse) {
        let mut found = Vec::new();
        imports(&item.tree, &[], &mut found);
        for import in found {
            self.record(import.path, item.leading_colon.is_some(), import.line);
        }
    }

    fn visit_item_extern_crate(&mut self, item: &'a ItemExternCrate) {
        self.record(vec![text(&item.ident)], true, line(item.ident.span()));
    }

    fn visit_item_mod(&mut self, module: &'a ItemMod) {
        module.attrs.iter().for_each(|attribute| self.visit_attribute(attribute));
        let Some((_, items)) = &module.content else { return };
        let outside = self.in_test;
        self.in_test |= is_test(&module.attrs);
        self.module.push(text(&module.ident));
        self.module(items);
        self.module.pop();
        self.in_test = outside;
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        if path.segments.len() > 1 {
            let segments = path.segments.iter().map(|segment| text(&segment.ident)).collect();
            self.record(segments, path.leading_colon.is_some(), line(path.segments[0].ident.span()));
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'a Macro) {
        self.visit_path(&called.path);
        self.scan(called.tokens.clone(), false);
    }

    fn visit_attribute(&mut self, attribute: &'a Attribute) {
        self.visit_path(attribute.path());
        match &attribute.meta {
            Meta::List(list) => self.scan(list.tokens.clone(), true),
            Meta::NameValue(pair) if !pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(ExprLit { lit: Lit::Str(string), .. }) => self.written(string),
                value => self.visit_expr(value),
            },
            _ => {}
        }
    }
}
