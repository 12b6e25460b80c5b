//! The sample story as one linked response.

use insta::assert_json_snapshot;

use crate::support::app::TestApp;

const STORY_QUERY: &str = r#"{
  customer(id: "64f2aa000000000000000c01") {
    id name phone email note telco createdAt updatedAt deletedAt
    manager { id name } createdBy { name } updatedBy { name }
    statuses { sourceId name color { r g b a hex } }
    socialAccounts { platform platformName sourceId name }
    customFields { key value }
    conversations {
      totalCount
      nodes {
        id platform platformName isClosed chatMode startedAt lastMessageAt messageCount unreadCount assignedAt
        channel { sourceId kind appId } contact { sourceId name avatarUrl } assignees { id name }
        lastMessage { id }
        messages { nodes {
          id sourceId text preview type typeName direction platform sentAt createdAt isRead readBy { id name } createsContact source
          sender { sourceId name } recipient { name } responder { name } attachments { url } payload
          conversation { id } customer { id } channel { kind } event { id kind }
        } }
      }
    }
    tickets { totalCount nodes {
      id sourceId name description typeId level levelName status statusName customerSourceId storeId
      customer { id } assignee { id name } createdBy { id name } reminder { amount unit } remindAt isReminded isOverdue
      attachments { url name } createdAt dueAt updatedAt events { nodes { id kind } }
    } }
    events { nodes { id kind } }
  }
}"#;

#[tokio::test]
async fn the_samples_are_one_linked_story_and_so_they_are_after_a_restart() {
    let app = TestApp::new().await;
    app.deliver_samples().await;
    let story = app.query(STORY_QUERY).await;
    assert_json_snapshot!(story);
    let app = app.restart().await;
    assert_eq!(app.query(STORY_QUERY).await, story);
    app.stop().await;
}

#[tokio::test]
async fn a_ticket_is_found_and_deleted_by_any_of_its_ids() {
    let app = TestApp::new().await;
    app.deliver_samples().await;
    app.deliver("ticket-deleted", &crate::support::sample("ticket-deleted")).await;
    let data = app
        .query(
            r#"{
              byAlias: ticket(id: "64f3bb000000000000000d31") { id deletedAt }
              byGlobalId: ticket(id: "tkt_64f3bb000000000000000d31") { id }
              byTicketId: node(id: "tkt_TK-000731") { id ... on Ticket { name } }
              tickets { totalCount } all: tickets(includeDeleted: true) { totalCount }
            }"#,
        )
        .await;
    assert_json_snapshot!(data);
    app.stop().await;
}
