//! `deskgraph stats` counts what is there.

use deskgraph::domain::kind::EventKind;
use serde_json::{Value, json};

use crate::support::{self, app::TestApp, database::Database, entry, message, process::deskgraph, sample};

async fn printed(database: &Database, arguments: &[&str]) -> String {
    let output = deskgraph(database).arg("stats").args(arguments).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn counts_sizes_growth_and_rejected_deliveries_are_reported() {
    let database = Database::new();
    let now = deskgraph::clock::Clock::system().now();
    let entries = [
        entry(EventKind::MessageSent, &message("m-1", "c-1", "hi", 1_758_791_400_000)),
        entry(EventKind::MessageSent, &message("m-2", "c-1", "hi", 1_758_791_400_001)),
        entry(EventKind::CustomerCreated, &sample("customer-created")),
        entry(EventKind::TicketCreated, &sample("ticket-created")),
        entry(EventKind::MessageSent, &json!({ "message": "no conversation" })),
        entry(EventKind::MessageSent, &json!({ "message": "none here either" })),
    ];
    let store = support::desk::open(database.url()).await;
    store.append(&entries, now).await.unwrap();
    store.close().await.unwrap();
    let stats: Value = serde_json::from_str(&printed(&database, &["--json"]).await).unwrap();
    let counts =
        ["events", "customers", "conversations", "messages", "tickets", "rejected"].map(|name| stats[name].as_i64().unwrap());
    assert_eq!(counts, [4, 1, 1, 2, 1, 2], "{stats:#}");
    assert_eq!(stats["eventsByKind"]["message.sent"], 2, "{stats:#}");
    assert_eq!(stats["rejectedFor"][0]["count"], 2, "{stats:#}");
    assert_eq!(stats["rejectedFor"][0]["path"], "$.conversation_id", "{stats:#}");
    let days = stats["days"].as_array().unwrap();
    let of_days: Vec<i64> = days.iter().map(|day| day["events"].as_i64().unwrap()).collect();
    // The day may have ended since.
    assert_eq!((days.len(), of_days.iter().sum::<i64>(), of_days[12] + of_days[13]), (14, 4, 4), "{stats:#}");
    assert!(stats["bytes"].as_i64().unwrap() > 10_000, "{stats:#}");
    let text = printed(&database, &[]).await;
    for expected in ["events per day, Asia/Ho_Chi_Minh", "▇", "message.sent", "$.conversation_id"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[tokio::test]
async fn an_empty_database_has_statistics_while_a_gateway_runs() {
    let app = TestApp::new().await;
    let stats: Value = serde_json::from_str(&printed(&app.database, &["--json"]).await).unwrap();
    assert_eq!((&stats["events"], &stats["rejected"]), (&json!(0), &json!(0)));
    app.stop().await;
}
