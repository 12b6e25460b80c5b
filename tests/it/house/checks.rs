//! Tests of the checker: it finds each kind of violation in a snippet, and reports nothing that is allowed.

use super::{
    circles,
    layers::{self, violations, violations_of_member},
    names::names,
    sources::{Source, module_of},
};

fn source(file: &str, text: &str) -> Source {
    let module = module_of(file);
    Source { names: names(text, &module), file: file.to_owned(), module }
}

/// The forbidden names in a snippet, with their lines.
fn found(file: &str, text: &str) -> Vec<(usize, String)> {
    violations(&[source(file, text)]).into_iter().map(|violation| (violation.line, violation.named)).collect()
}

/// Asserts that the snippet in `src/graphql/types/x.rs` names `crate::http` on line 2, and has no other violation.
fn assert_names_http(text: &str) {
    assert_eq!(found("graphql/types/x.rs", text), [(2, "crate::http".to_owned())], "{text}");
}

#[test]
fn a_file_is_the_module_that_it_declares() {
    for (file, module) in [
        ("lib.rs", "crate"),
        ("a.rs", "crate::a"),
        ("a/mod.rs", "crate::a"),
        ("a/b.rs", "crate::a::b"),
        ("main.rs", "crate::main"),
    ] {
        assert_eq!(module_of(file).join("::"), module, "{file}");
    }
}

#[test]
fn a_forbidden_module_is_found_in_every_form_of_use() {
    for text in [
        "\nuse crate::http;",
        "\nuse crate::http::Router;",
        "use crate::{\nhttp::Router, store::Store};",
        "use crate::{domain::{id, time::{self}}, store::{self, read::Reader},\nhttp::{self, graphql::{Parts}}};",
        "\nuse crate::http::*;",
        "\nuse crate::http as transport;",
        "\nuse crate::{http::{self as transport}};",
        "\npub(crate) use crate::http::Router;",
        "\nuse super::super::super::http::Router;",
        "\nuse super::super::{super::http};",
        "\nuse self::super::super::super::http;",
        "\nuse crate::r#http;",
        "fn f() {\nuse crate::http::Router; }",
        "mod inner {\nuse super::super::super::super::http::Router; }",
    ] {
        assert_names_http(text);
    }
}

#[test]
fn a_forbidden_module_is_found_in_paths_outside_of_use() {
    for text in [
        "fn f() {\ncrate::http::serve(); }",
        "fn f(x:\nVec<Option<crate::http::Router>>) {}",
        "fn f() { Vec::<\ncrate::http::Router>::new(); }",
        "fn f() { match x {\ncrate::http::Mode::On => (), _ => () } }",
        "struct S {\nfield: super::super::super::http::Router }",
        "impl From<u8> for\ncrate::http::Router {}",
        "fn f() { assert_eq!(1,\ncrate::http::ONE); }",
        "fn f() { outer! { inner! { [(\ncrate::http::ONE)] } } }",
        "fn f() { stream! {\nuse crate::{http::{Router}, store}; } }",
        "macro_rules! m { () => {\n$crate::http::ONE } }",
        "#[serde(\nwith = \"crate::http::text\")] struct S;",
        "\n#[derive(crate::http::Derive)] struct S;",
        "\n#[crate::http::attribute] fn f() {}",
        "mod inner { fn f() {\nsuper::super::super::super::http::serve(); } }",
    ] {
        assert_names_http(text);
    }
}

#[test]
fn an_alias_of_a_forbidden_crate_is_resolved() {
    for text in [
        "use sea_orm as orm;\nfn f() { orm::query(); }",
        "use sea_orm as orm;\nuse orm::Order;",
        "use sea_orm::{self as orm};\nuse orm::{Order};",
        "use sea_orm;\nfn f() { sea_orm::query(); }",
    ] {
        let named = "sea_orm".to_owned();
        assert_eq!(found("http/x.rs", text), [(1, named.clone()), (2, named)], "{text}");
    }
    assert_eq!(found("graphql/x.rs", "fn f() { ::entity::message::f(); }"), [(1, "entity".to_owned())]);
    let root = "use super::super as root;\nfn f() { root::http::serve(); }";
    assert_eq!(found("graphql/x.rs", root), [(1, "crate::".to_owned()), (2, "crate::http".to_owned())]);
    assert_eq!(found("graphql/x.rs", "extern crate entity;"), [(1, "entity".to_owned())]);
    assert_eq!(found("feed.rs", "#[sea_orm::model] struct S;"), [(1, "sea_orm".to_owned())]);
}

#[test]
fn every_layer_has_forbidden_modules() {
    for (file, path) in [
        ("domain/x.rs", "crate::store"),
        ("domain/x.rs", "crate::clock"),
        ("domain/x.rs", "tokio"),
        ("store/x.rs", "crate::feed"),
        ("store/x.rs", "async_graphql"),
        ("feed.rs", "crate::graphql"),
        ("feed/batch.rs", "crate::ingest"),
        ("ingest/x.rs", "crate::http"),
        ("ingest/x.rs", "crate::graphql"),
        ("graphql/x.rs", "crate::ingest"),
        ("graphql/x.rs", "axum"),
        ("http/x.rs", "crate::gateway"),
        ("http/x.rs", "entity"),
        ("cli/x.rs", "sea_orm"),
        ("gateway.rs", "migration"),
    ] {
        assert_eq!(found(file, &format!("use {path}::X;")), [(1, path.to_owned())], "{file}");
    }
}

#[test]
fn a_glob_import_of_the_whole_crate_is_forbidden() {
    for text in ["use crate::*;", "use crate as all;", "use super::*;"] {
        assert_eq!(found("graphql.rs", text).len(), 1, "{text}");
    }
    assert_eq!(found("graphql/types/x.rs", "use super::super::super::*;").len(), 1);
}

#[test]
fn allowed_uses_are_not_reported() {
    for (file, text) in [
        ("graphql/types/x.rs", "use crate::{domain::{id::Id, time}, feed::Feed, store::{self, Store}};"),
        ("graphql/types/x.rs", "use super::{super::error, parts::*}; use async_graphql::{self, Object};"),
        ("store/x.rs", "use sea_orm::{self, entity::prelude::*}; use entity::message; use crate::domain::id;"),
        ("store/x.rs", "fn f(message: entity::message::Model) { sea_orm::query(entity::all::<crate::domain::Id>()) }"),
        ("graphql/x.rs", "mod entity; fn f() { entity::read(); }"),
        ("graphql/x.rs", "use crate::domain::entity; fn f() { entity::read(); }"),
        ("graphql/x.rs", "// crate::http\n/// [`crate::http`] and sea_orm::X\nfn f() { print(\"crate::http::serve\"); }"),
        ("graphql/x.rs", "#[doc = \"crate::http\"] fn f() { let entity = 1; print(entity); }"),
        ("graphql/x.rs", "fn f() { let http = crate::store::http(); assert!(http); }"),
        ("gateway.rs", "use crate::{cli, http, store::{self, Store}};"),
    ] {
        assert_eq!(found(file, text), [], "{text}");
    }
}

#[test]
fn forbidden_crates_of_a_workspace_member_are_reported() {
    let of = |text: &str| violations_of_member(&[source("lib.rs", text)], &["deskgraph", "entity"]).len();
    assert_eq!(of("use deskgraph::{domain, store::{Store}};"), 1);
    assert_eq!(of("fn f() { entity::f(); }\nfn g() { deskgraph::f() }"), 2);
    assert_eq!(of("use sea_orm::entity; fn f() { entity::f(); }"), 0);
}

#[test]
fn an_exception_covers_one_name_in_one_file_and_must_be_needed() {
    let found = || violations(&[source("graphql.rs", "use axum::body;\nuse crate::http;")]);
    let exception = ("graphql.rs", "axum", "a reason");
    assert_eq!(layers::faults(found(), &[]), ["graphql.rs:1 names axum", "graphql.rs:2 names crate::http"]);
    assert_eq!(layers::faults(found(), &[exception]), ["graphql.rs:2 names crate::http"]);
    let not_needed = [exception, ("graphql.rs", "crate::http", "a reason"), ("graphql.rs", "tokio", "a reason")];
    assert_eq!(layers::faults(found(), &not_needed), ["graphql.rs does not name tokio: remove the exception"]);
}

/// Describes the cycles among these files.
fn circles_of(files: &[(&str, &str)], known: circles::Known) -> Vec<String> {
    let sources: Vec<Source> = files.iter().map(|(file, text)| source(file, text)).collect();
    circles::faults(&sources, known)
}

#[test]
fn a_cycle_is_reported_between_sibling_modules() {
    let two = [("a.rs", "use crate::b::X;"), ("b.rs", "fn f() {\nsuper::a::g() }")];
    assert_eq!(circles_of(&two, &[]), ["crate: a names b (a.rs:1), b names a (b.rs:2)"]);
    let three =
        [("x/mod.rs", ""), ("x/a.rs", "use super::b;"), ("x/b.rs", "use super::c::X;"), ("x/c.rs", "use crate::x::{a::Y};")];
    assert_eq!(circles_of(&three, &[]), ["crate::x: a names b (x/a.rs:1), b names c (x/b.rs:1), c names a (x/c.rs:1)"]);
    let through_their_insides =
        [("a.rs", "mod i;"), ("a/i.rs", "use crate::b::X;"), ("b.rs", "mod j;"), ("b/j.rs", "use crate::a::Y;")];
    assert_eq!(circles_of(&through_their_insides, &[]), ["crate: a names b (a/i.rs:1), b names a (b/j.rs:1)"]);
    let two_apart =
        [("a.rs", "use crate::b;"), ("b.rs", "use crate::{a, c};"), ("c.rs", "use crate::d;"), ("d.rs", "use crate::c;")];
    assert_eq!(
        circles_of(&two_apart, &[]),
        ["crate: a names b (a.rs:1), b names a (b.rs:1)", "crate: c names d (c.rs:1), d names c (d.rs:1)"]
    );
}

#[test]
fn acyclic_dependencies_are_not_reported() {
    for files in [
        [("a.rs", "use crate::{b, c};"), ("b.rs", "use crate::c;"), ("c.rs", "use std::fmt;")],
        [("a.rs", "mod b; use self::b::X;"), ("a/b.rs", "use super::Y;"), ("a/c.rs", "use crate::a::b::X;")],
        [("a.rs", "use crate::b;"), ("b.rs", "#[cfg(test)] mod tests { use crate::a; }"), ("c.rs", "")],
    ] {
        assert_eq!(circles_of(&files, &[]), [""; 0]);
    }
}

#[test]
fn a_known_dependency_must_be_part_of_a_cycle() {
    let circle = [("a.rs", "use crate::b;"), ("b.rs", "use crate::a;"), ("c.rs", "use crate::a;")];
    assert_eq!(circles_of(&circle, &[("crate", "a", "b", "a reason")]), [""; 0]);
    assert_eq!(
        circles_of(&circle, &[("crate", "a", "b", "a reason"), ("crate", "c", "a", "a reason"), ("crate", "c", "b", "a reason")]),
        [
            "crate: c does not name b: remove it from the list of exceptions",
            "crate: that c names a closes no circle: remove it from the list of exceptions",
        ]
    );
}
