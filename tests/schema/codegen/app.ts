// An application with types that codegen makes of its documents. It is compiled, not run.

import type { TypedDocumentNode } from '@graphql-typed-document-node/core';

import { type FragmentType, graphql, useFragment } from './gql';
import type { ConversationFilter } from './gql/graphql';

/** What any client does with a document. */
type Client = <Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) => Promise<Data>;

const Row = graphql(`
  fragment Row on Conversation {
    id
    platform
    unreadCount
    contact {
      name
    }
    customer {
      id
      name
      customFields {
        key
        value
      }
    }
    lastMessage {
      preview
      sentAt
    }
  }
`);

const Conversations = graphql(`
  query Conversations($filter: ConversationFilter, $after: String) {
    conversations(first: 20, after: $after, filter: $filter, orderBy: { field: UNREAD_COUNT }) {
      totalCount
      edges {
        cursor
        node {
          ...Row
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
    customerStats(groupBy: [TIME, STATUS], interval: WEEK, timeZone: "Asia/Ho_Chi_Minh") {
      time
      status
      count
    }
    customFieldKeys {
      key
      isNumeric
    }
  }
`);

const Live = graphql(`
  subscription Live($after: String) {
    conversationsLive(first: 20, after: $after) {
      cursor
      page {
        ...Row
      }
      steps {
        kind
        id
        afterId
        node {
          ...Row
        }
      }
    }
  }
`);

const Found = graphql(`
  query Found($text: String!) {
    search(text: $text, types: [CUSTOMER, TICKET]) {
      nodes {
        __typename
        ... on Customer {
          name
        }
        ... on Ticket {
          level
          dueAt
        }
      }
    }
  }
`);

/** A row, as a component shows it. */
function shown(row: FragmentType<typeof Row>): string {
  const { platform, unreadCount, contact, customer, lastMessage } = useFragment(Row, row);
  const unread: number = unreadCount;
  const name: string = customer?.name ?? contact?.name ?? platform;
  const sentAt: string | undefined = lastMessage?.sentAt;
  const fields: string[] = customer?.customFields.map(({ key, value }) => `${key}: ${JSON.stringify(value)}`) ?? [];
  return `${name} (${unread}) ${sentAt ?? ''} ${fields.join()}`;
}

export async function inbox(ask: Client): Promise<string[]> {
  const filter: ConversationFilter = { unreadCount: { gt: 0 }, customer: { customField: [{ key: 'cf_points', number: { gte: 1 } }] } };
  const { conversations, customerStats, customFieldKeys } = await ask(Conversations, { filter });
  const after: string | null | undefined = conversations.pageInfo.endCursor;
  const weeks: [string, number][] = customerStats.map(({ time, status, count }) => [`${time ?? ''} ${status ?? ''}`, count]);
  const numbers: string[] = customFieldKeys.filter((key) => key.isNumeric).map(({ key }) => key);
  return [...conversations.edges.map(({ node }) => shown(node)), after ?? '', ...weeks.flat().map(String), ...numbers];
}

export async function follow(ask: Client, rows: Map<string, string>): Promise<string> {
  const { conversationsLive: live } = await ask(Live, { after: null });
  for (const { kind, id, node } of live.steps) {
    if (kind === 'LEFT' || !node) rows.delete(id);
    else rows.set(id, shown(node));
  }
  return live.cursor;
}

export async function names(ask: Client): Promise<string[]> {
  const { search } = await ask(Found, { text: 'mai' });
  return search.nodes.map((found) => {
    switch (found.__typename) {
      case 'Customer':
        return found.name ?? '';
      case 'Ticket':
        return found.level ?? '';
      default:
        return found.__typename;
    }
  });
}

/** What the schema does not allow is not compiled. */
export async function mistakes(ask: Client): Promise<void> {
  // @ts-expect-error the argument is missing
  await ask(Found, {});
  // @ts-expect-error there is no such platform
  await ask(Conversations, { filter: { platform: { eq: 'FAX' } } });
}
