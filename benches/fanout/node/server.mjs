// graphql-ws on a free port, which it prints: `node server.mjs`
//
// It accepts messages as the CRM posts them, keeps their conversations and customers in memory, and executes the document of each
// subscriber for each message that it gets. All fields of objects are in memory, so nothing is loaded.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { PubSub } from './pubsub.mjs';

const pubsub = new PubSub();
const conversations = new Map();
const customers = new Map();
let cursor = 0;

const schema = buildSchema(readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'));
schema.getSubscriptionType().getFields().messageAdded.subscribe = (_, { filter }) => pubsub.follow(filter);

function added(payload) {
  const isOutbound = payload.is_platform_sender === 1;
  const from = { sourceId: payload.from_id, name: payload.from_display_name };
  const contact = isOutbound ? { sourceId: payload.to_id, name: payload.to_display_name } : from;
  const sentAt = new Date(payload.time).toISOString();

  const id = `con_${payload.conversation_id}`;
  let conversation = conversations.get(id);
  if (!conversation) {
    conversation = { id, contact, messageCount: 0, unreadCount: 0, lastMessageAt: null };
    conversations.set(id, conversation);
    const number = payload.conversation_id.replace('c-', '');
    customers.set(contact.sourceId, {
      id: `cus_64f2aa${number.padStart(18, '0')}`,
      name: contact.name,
      phone: `0912${number.padStart(6, '0')}`,
      email: `mai.${number}@example.com`,
    });
  }
  conversation.messageCount += 1;
  conversation.unreadCount += isOutbound ? 0 : 1;
  conversation.lastMessageAt = sentAt;

  cursor += 1;
  const message = {
    id: `msg_${payload.platform}_${payload.message_id}`,
    sourceId: payload.message_id,
    platform: payload.platform.toUpperCase(),
    direction: isOutbound ? 'OUTBOUND' : 'INBOUND',
    type: payload.type.toUpperCase(),
    text: payload.message,
    preview: payload.message_short,
    isRead: payload.is_read === 1,
    sentAt,
    sender: from,
    customer: customers.get(contact.sourceId),
    conversation,
  };
  return { cursor: String(cursor).padStart(44, '0'), message };
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    pubsub.publish(added(JSON.parse(Buffer.concat(chunks).toString())));
    response.end('{}');
  });
});
// Keeps the sender's connections open while it pauses.
server.keepAliveTimeout = 600_000;
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }));
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(`http://127.0.0.1:${server.address().port}`));
