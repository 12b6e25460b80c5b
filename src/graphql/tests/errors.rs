//! The messages and codes of errors.

use async_graphql::{Request, Value};

use super::{Desk, customer};

/// The code, argument and message of a query's only error.
async fn refusal(desk: &Desk, query: &str) -> (String, String, String) {
    let mut response = desk.respond(query).await;
    assert_eq!(response.errors.len(), 1, "{query}: {:?}", response.errors);
    let error = response.errors.remove(0);
    let extensions = error.extensions.unwrap_or_default();
    let text = |name: &str| match extensions.get(name) {
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    (text("code"), text("argument"), error.message)
}

#[tokio::test]
async fn an_invalid_argument_is_reported_with_its_name_and_what_was_expected() {
    let desk = Desk::open().await;
    desk.store(&[customer("c1", "z1")]).await;
    let cursor = desk.data("{ customers { pageInfo { endCursor } } }").await["customers"]["pageInfo"]["endCursor"].clone();
    let other_order = format!("{{ customers(orderBy: {{field: NAME}}, after: {cursor}) {{ totalCount }} }}");
    for (query, argument, expected) in [
        (r#"{ node(id: "nonsense") { id } }"#, "id", "expected cus_…"),
        (r#"{ nodes(ids: ["cus_1", "evt_x"]) { id } }"#, "ids", "expected cus_…"),
        (r#"{ message(id: "cus_1") { id } }"#, "id", "expected msg_"),
        ("{ customers(first: 201) { totalCount } }", "first", "from 0 to 200"),
        ("{ customers(last: -1) { totalCount } }", "last", "from 0 to 200"),
        ("{ customers(first: 1, last: 1) { totalCount } }", "last", "one end"),
        (r#"{ customers(after: "x") { totalCount } }"#, "after", "not a cursor"),
        (&other_order, "after", "customer.name.desc"),
    ] {
        let (code, named, message) = refusal(&desk, query).await;
        assert_eq!((code.as_str(), named.as_str()), ("BAD_USER_INPUT", argument), "{query}: {message}");
        assert!(message.contains(expected), "{query}: {message}");
    }
}

#[tokio::test]
async fn too_many_ids_are_refused_with_the_limit() {
    let desk = Desk::open().await;
    let query = format!("{{ nodes(ids: [{}]) {{ id }} }}", r#""cus_1","#.repeat(101));
    let (code, argument, message) = refusal(&desk, &query).await;
    assert_eq!((code.as_str(), argument.as_str()), ("LIMIT_EXCEEDED", "ids"), "{message}");
    assert!(message.contains("100"), "{message}");
}

#[tokio::test]
async fn errors_of_the_document_have_a_code_too() {
    let desk = Desk::open().await;
    for query in ["{", "{ nothing }", "{ customers(first: \"one\") { totalCount } }", "query A { head } query B { head }"] {
        let (code, _, message) = refusal(&desk, query).await;
        assert_eq!(code, "BAD_USER_INPUT", "{query}: {message}");
    }
}

#[tokio::test]
async fn a_request_without_a_viewer_is_refused() {
    let desk = Desk::open().await;
    let response = desk.schema.execute(Request::new("{ customers { totalCount } }")).await;
    assert_eq!(response.errors.len(), 1);
    assert_eq!(response.errors[0].message, "internal error");
}

#[tokio::test]
async fn a_lost_database_is_reported_as_unavailable() {
    let desk = Desk::open().await;
    desk.store.clone().close().await.unwrap();
    let (code, _, message) = refusal(&desk, "{ customers { totalCount } }").await;
    assert_eq!(code, "UNAVAILABLE", "{message}");
}

#[tokio::test]
async fn the_introspection_of_graphiql_passes() {
    let desk = Desk::open().await;
    let of_type = (0..9).fold("kind name".to_owned(), |inner, _| format!("kind name ofType {{ {inner} }}"));
    let query = format!(
        "query IntrospectionQuery {{ __schema {{ description queryType {{ name kind }} mutationType {{ name kind }} \
         subscriptionType {{ name kind }} types {{ ...FullType }} directives {{ name description isRepeatable locations \
         args(includeDeprecated: true) {{ ...InputValue }} }} }} }} \
         fragment FullType on __Type {{ kind name description specifiedByURL isOneOf \
         fields(includeDeprecated: true) {{ name description args(includeDeprecated: true) {{ ...InputValue }} type {{ ...TypeRef }} \
         isDeprecated deprecationReason }} inputFields(includeDeprecated: true) {{ ...InputValue }} interfaces {{ ...TypeRef }} \
         enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} possibleTypes {{ ...TypeRef }} }} \
         fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue isDeprecated deprecationReason }} \
         fragment TypeRef on __Type {{ {of_type} }}"
    );
    let data = desk.data(&query).await;
    assert!(data["__schema"]["types"].as_array().is_some_and(|types| types.len() > 40));
}
