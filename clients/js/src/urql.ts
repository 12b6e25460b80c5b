import type { SubscriptionForwarder } from '@urql/core';
import type { Client } from 'graphql-ws';
import { applySteps, type LivePage } from './live.js';

/** Sends urql's subscriptions over a graphql-ws client: `subscriptionExchange(forwardTo(resumingClient({ url })))`. */
export function forwardTo(client: Client): { forwardSubscription: SubscriptionForwarder } {
  return {
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe: (sink) => ({ unsubscribe: client.subscribe<any, any>({ query, variables }, sink) }),
    }),
  };
}

/**
 * Returns a handler for urql's `useSubscription` that computes the rows of a live page after each payload:
 * `useSubscription({ query: INBOX_LIVE }, rowsOf('conversationsLive'))`.
 */
export function rowsOf<Field extends string>(field: Field) {
  return <Row extends { id: string }>(rows: readonly Row[] = [], payload: Record<Field, LivePage<Row>>): Row[] =>
    applySteps(rows, payload[field]);
}
