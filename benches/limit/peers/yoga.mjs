// GraphQL Yoga with resolvers written by hand: a statement for a list, and DataLoader for links and nested lists.

import { readFileSync } from 'node:fs';
import { GraphQLScalarType } from 'graphql';
import { createSchema, createYoga } from 'graphql-yoga';
import { loaders, message, messagePage, customerPage, countsByPlatform } from './tables.mjs';

const PLATFORMS = ['ZALO', 'FACEBOOK', 'WEB', 'EMAIL', 'OTHER'];

const platform = (key) => (PLATFORMS.includes(key.toUpperCase()) ? key.toUpperCase() : 'OTHER');

const key = (id) => id.slice(id.indexOf('_') + 1);

const written = (cursor) => Buffer.from(JSON.stringify(cursor)).toString('base64url');

const read = (after) => after && JSON.parse(Buffer.from(after, 'base64url').toString());

// A page from rows with one more than it has.
function page(rows, first, cursor) {
  const nodes = rows.slice(0, first);
  const pageInfo = () => ({
    hasNextPage: rows.length > first,
    endCursor: nodes.length > 0 ? written(cursor(nodes.at(-1))) : null,
  });
  return { nodes, pageInfo };
}

const messages = (rows, first) => page(rows, first, (row) => [row.sent_at, row.key]);

// A field of a conversation, which is loaded if only its id is known.
const ofConversation = (read) => async (row, _, { conversations }) =>
  read('platform' in row ? row : await conversations.load(row.id));

const resolvers = {
  DateTime: new GraphQLScalarType({
    name: 'DateTime',
    serialize: (millis) => new Date(millis).toISOString(),
    parseValue: (text) => Date.parse(text),
  }),
  Query: {
    message: (_, { id }) => message(key(id)),
    messages: async (_, { first, after, filter }) => messages(await messagePage(first + 1, read(after), filter), first),
    customers: async (_, { first, after }) =>
      page(await customerPage(first + 1, read(after)), first, (row) => [row.created_at, row.id]),
    messageStats: async (_, { filter }) => {
      const counts = new Map();
      for (const row of await countsByPlatform(filter?.sentAt)) {
        const name = platform(row.platform);
        counts.set(name, (counts.get(name) ?? 0) + row.count);
      }
      return PLATFORMS.filter((name) => counts.get(name) > 0).map((name) => ({ platform: name, count: counts.get(name) }));
    },
  },
  Message: {
    id: (row) => `msg_${row.key}`,
    sourceId: (row) => row.source_id,
    platform: (row) => platform(row.platform),
    platformName: (row) => row.platform_name,
    direction: (row) => (row.outbound ? 'OUTBOUND' : 'INBOUND'),
    type: (row) => row.type_key.toUpperCase(),
    isRead: (row) => row.is_read,
    sentAt: (row) => row.sent_at,
    createdAt: (row) => row.created_at,
    conversation: (row) => ({ id: row.conversation_id }),
    customer: (row, _, { customers }) => row.customer_id && customers.load(row.customer_id),
  },
  Conversation: {
    id: (row) => `con_${row.id}`,
    platform: ofConversation((row) => platform(row.platform)),
    isClosed: ofConversation((row) => row.is_closed),
    unreadCount: ofConversation((row) => row.unread_count),
    lastMessageAt: ofConversation((row) => row.last_message_at),
    messages: async (row, { first }, { messagesOf }) => messages(await messagesOf(first + 1).load(row.id), first),
  },
  Customer: {
    id: (row) => `cus_${row.id}`,
    createdAt: (row) => row.created_at,
    conversations: async (row, { first }, { conversationsOf }) =>
      page(await conversationsOf(first + 1).load(row.id), first, (row) => [row.last_message_at, row.id]),
  },
};

export function attach(server) {
  const typeDefs = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8');
  const schema = createSchema({ typeDefs, resolvers });
  server.on('request', createYoga({ schema, context: loaders, graphiql: false, landingPage: false }));
}
