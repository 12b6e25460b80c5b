// An inbox as an application with Relay writes it: fragments of components, pages that are fetched again, and what is live.

import { graphql } from 'relay-runtime';

export const query = graphql`
  query InboxQuery($customer: ID!, $filter: ConversationFilter) {
    ...Inbox_conversations @arguments(filter: $filter)
    customer(id: $customer) {
      ...Inbox_customer
    }
    customerStats(groupBy: [STATUS, MANAGER]) {
      status
      manager {
        name
      }
      count
    }
    customFieldKeys(first: 20, search: "diem") {
      key
      customers
      isNumeric
    }
    head
  }
`;

export const conversations = graphql`
  fragment Inbox_conversations on Query
  @refetchable(queryName: "InboxConversationsQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }, filter: { type: "ConversationFilter" }) {
    conversations(first: $first, after: $after, filter: $filter, orderBy: { field: LAST_MESSAGE_AT, direction: DESC })
      @connection(key: "Inbox_conversations", filters: ["filter"]) {
      totalCount
      edges {
        node {
          ...Inbox_row
        }
      }
    }
  }
`;

export const row = graphql`
  fragment Inbox_row on Conversation {
    platform
    unreadCount
    contact {
      name
      avatarUrl
    }
    assignees {
      name
    }
    lastMessage {
      preview
      sentAt
      event {
        payload
      }
    }
  }
`;

export const messages = graphql`
  fragment Inbox_messages on Conversation
  @refetchable(queryName: "InboxMessagesQuery")
  @argumentDefinitions(last: { type: "Int", defaultValue: 50 }, before: { type: "String" }) {
    messages(last: $last, before: $before) @connection(key: "Inbox_messages") {
      edges {
        node {
          ...Inbox_message
        }
      }
    }
  }
`;

export const message = graphql`
  fragment Inbox_message on Message {
    direction
    type
    text
    payload
    attachments {
      url
      size
    }
    sentAt
  }
`;

export const customer = graphql`
  fragment Inbox_customer on Customer @refetchable(queryName: "InboxCustomerQuery") {
    name
    statuses {
      name
      color {
        hex
      }
    }
    customFields(keys: ["cf_points"]) {
      key
      value
    }
    tickets(first: 5, filter: { status: { eq: PROCESS } }) {
      nodes {
        name
        dueAt
        isOverdue
      }
    }
  }
`;

export const search = graphql`
  query InboxSearchQuery($text: String!) {
    search(text: $text, first: 10) {
      edges {
        score
        node {
          __typename
          ... on Customer {
            name
          }
          ... on Message {
            text
          }
          ... on Node {
            id
          }
        }
      }
    }
  }
`;

export const added = graphql`
  subscription InboxAddedSubscription($after: String, $connections: [ID!]!) {
    messageAdded(after: $after) {
      cursor
      message @appendNode(connections: $connections, edgeTypeName: "MessageEdge") {
        ...Inbox_message
      }
    }
  }
`;

export const live = graphql`
  subscription InboxLiveSubscription($after: String, $filter: ConversationFilter) {
    conversationsLive(first: 30, after: $after, filter: $filter) {
      cursor
      totalCount
      page {
        ...Inbox_row
      }
      steps {
        kind
        id
        afterId
        node {
          ...Inbox_row
        }
      }
    }
  }
`;

export const counted = graphql`
  subscription InboxCountedSubscription {
    messageStatsLive(groupBy: [TIME, PLATFORM], interval: DAY) {
      cursor
      rows {
        time
        platform
        count
      }
    }
  }
`;
