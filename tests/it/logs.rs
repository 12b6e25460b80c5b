//! Log lines: each is self-contained, and none contains personal data.

use serde_json::{Value, json};

use crate::support::{database::Database, process::Process, sample};

#[tokio::test]
async fn a_slow_query_is_logged_with_operation_and_times_and_no_line_has_personal_data() {
    let database = Database::new();
    // Every query that takes a millisecond counts as slow.
    let slow = [("DESKGRAPH_LOG__SLOW_QUERY_MILLISECONDS", "1"), ("DESKGRAPH_LOG__FILTER", "debug")];
    let gateway = Process::start_with(&database, &[], &slow).await;
    let client = reqwest::Client::new();
    for (segment, name) in
        [("message-sent", "message-sent"), ("customer-created", "customer-created"), ("ticket-created", "ticket-created")]
    {
        let posted = client.post(format!("{}/webhooks/{segment}", gateway.base)).json(&sample(name)).send().await.unwrap();
        assert_eq!(posted.status(), 200);
    }
    client.post(format!("{}/webhooks/ticket-created", gateway.base)).body(r#"["Nguyễn Văn Bí Mật"]"#).send().await.unwrap();
    let fields: String = (0..100)
        .map(|n| format!("a{n}: customers(filter: {{ name: {{ contains: \"Bí Mật\" }} }}) {{ nodes {{ name tickets {{ nodes {{ name }} }} }} }} "))
        .take(20)
        .collect();
    let query = json!({ "query": format!("query Wide {{ {fields} }}") });
    let answer: Value = client.post(format!("{}/graphql", gateway.base)).json(&query).send().await.unwrap().json().await.unwrap();
    assert!(answer.get("errors").is_none(), "{answer}");
    let (code, log) = gateway.terminate_with_log().await;
    assert_eq!(code, Some(0));
    let lines: Vec<Value> = log.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let slow = lines.iter().find(|line| line["fields"]["message"] == "slow query").unwrap_or_else(|| panic!("{log:#?}"));
    let fields = &slow["fields"];
    assert_eq!((&slow["level"], &fields["operation"], &fields["outcome"]), (&json!("WARN"), &json!("Wide"), &json!("Ok")));
    assert!(fields["milliseconds"].as_u64().unwrap() >= 1, "{slow}");
    assert!(fields["statements"].as_u64().unwrap() >= 20, "{slow}");
    assert!(fields["complexity"].as_u64().unwrap() > 1000, "{slow}");
    assert!(fields["statement_milliseconds"].is_u64() && fields["slowest_statement_milliseconds"].is_u64(), "{slow}");
    assert!(slow["spans"][0]["request_id"].is_string(), "{slow}");
    // The deliveries and queries above contain these names, numbers and texts.
    let log = log.join("\n");
    for personal in ["Bí Mật", "Nguy", "0912345678", "mai.nguyen", "DH-1029", "7740118"] {
        assert!(!log.contains(personal), "{personal} is in\n{log}");
    }
}

#[tokio::test]
async fn a_threshold_of_0_turns_slow_query_logging_off() {
    let database = Database::new();
    let gateway = Process::start_with(&database, &[], &[("DESKGRAPH_LOG__SLOW_QUERY_MILLISECONDS", "0")]).await;
    let query = json!({ "query": "query Wide { customers { nodes { name } } tickets { nodes { name } } }" });
    reqwest::Client::new().post(format!("{}/graphql", gateway.base)).json(&query).send().await.unwrap();
    let (_, log) = gateway.terminate_with_log().await;
    assert!(!log.iter().any(|line| line.contains("slow query")), "{log:#?}");
}
