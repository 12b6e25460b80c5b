// The statements on the gateway's tables. Single lists have the SQL of the hand-written server.

import DataLoader from 'dataloader';
import pg from 'pg';

// Counts and instants, which are exact as numbers.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

// Like the connections of the gateway and of the hand-written server.
const CONNECTIONS = 4;
const OPTIONS = '-c jit=off -c plan_cache_mode=force_generic_plan';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: CONNECTIONS, options: OPTIONS });

const names = new Map();

// Runs a statement, which is prepared once for each connection.
async function rows(text, ...values) {
  if (!names.has(text)) names.set(text, `s${names.size}`);
  return (await pool.query({ name: names.get(text), text, values })).rows;
}

const MESSAGE = `key, source_id, conversation_id, customer_id, platform, platform_name, outbound, type_key, text, is_read,
  sent_at, created_at`;
const CONVERSATION = 'id, customer_id, platform, is_closed, unread_count, last_message_at';
const CUSTOMER = 'id, name, phone, email, created_at';

export async function message(key) {
  return (await rows(`SELECT ${MESSAGE} FROM message WHERE key = $1`, key))[0];
}

// Texts are compared without case and accents.
const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('đ', 'd');

const escaped = (text) => text.replace(/[\\%_]/g, '\\$&');

export function messagePage(limit, after, filter) {
  const values = [];
  const bound = (value) => `$${values.push(value)}`;
  const conditions = ['true'];
  if (filter?.platform) conditions.push(`platform = ${bound(filter.platform.eq.toLowerCase())}`);
  if (filter?.sentAt?.gte != null) conditions.push(`sent_at >= ${bound(filter.sentAt.gte)}`);
  if (filter?.sentAt?.lt != null) conditions.push(`sent_at < ${bound(filter.sentAt.lt)}`);
  if (after) conditions.push(`(sent_at, key) < (${bound(after[0])}, ${bound(after[1])})`);
  const needle = filter?.text && fold(filter.text.contains);
  if (needle) {
    // The words have a trigram index.
    const words = needle.replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
    conditions.push(`words LIKE ${bound(`%${words}%`)}`, `coalesce(text_folded, text) LIKE ${bound(`%${escaped(needle)}%`)}`);
  }
  const found = `SELECT ${MESSAGE} FROM message WHERE ${conditions.join(' AND ')}`;
  const page = `ORDER BY sent_at DESC, key DESC LIMIT ${bound(limit)}`;
  // Materialized, so that the planner uses that index instead of scanning the list of all messages.
  const text = needle ? `WITH found AS MATERIALIZED (${found}) SELECT * FROM found ${page}` : `${found} ${page}`;
  return rows(text, ...values);
}

export function customerPage(limit, after) {
  const seek = after ? 'AND (created_at, id) < ($2, $3)' : '';
  const text = `SELECT ${CUSTOMER} FROM customer WHERE version_at IS NOT NULL AND deleted_at IS NULL ${seek}
    ORDER BY created_at DESC, id DESC LIMIT $1`;
  return rows(text, limit, ...(after ?? []));
}

export function countsByPlatform(sentAt) {
  // The platforms are found by a loose index scan, and each is counted in the index.
  const text = `WITH RECURSIVE platforms(platform) AS (
      SELECT min(platform) FROM message
      UNION ALL
      SELECT (SELECT min(platform) FROM message m WHERE m.platform > platforms.platform) FROM platforms
      WHERE platforms.platform IS NOT NULL
    )
    SELECT platform, (
      SELECT count(*) FROM message m WHERE m.platform = platforms.platform AND m.sent_at >= $1 AND m.sent_at < $2
    ) AS count FROM platforms WHERE platform IS NOT NULL`;
  return rows(text, sentAt?.gte ?? 0, sentAt?.lt ?? Number.MAX_SAFE_INTEGER);
}

// Loads rows by their ids.
const byId = (text) =>
  new DataLoader(async (ids) => {
    const found = new Map((await rows(text, ids)).map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? null);
  });

// Loads the first rows of each parent. A request has one loader for each limit.
const ofParents = (text, parent) => {
  const loaders = new Map();
  return (limit) => {
    if (!loaders.has(limit)) {
      const load = async (ids) => {
        const found = Map.groupBy(await rows(text, ids, limit), (row) => row[parent]);
        return ids.map((id) => found.get(id) ?? []);
      };
      loaders.set(limit, new DataLoader(load));
    }
    return loaders.get(limit);
  };
};

// The loaders of one request. The ids are compared like the columns, byte by byte.
export const loaders = () => ({
  conversations: byId(`SELECT ${CONVERSATION} FROM conversation WHERE id = ANY($1::text[])`),
  customers: byId(`SELECT ${CUSTOMER} FROM customer WHERE id = ANY($1::text[]) AND version_at IS NOT NULL`),
  conversationsOf: ofParents(
    `SELECT listed.* FROM unnest($1::text[]) AS parent(id) CROSS JOIN LATERAL (
       SELECT ${CONVERSATION} FROM conversation WHERE customer_id = parent.id COLLATE "C"
       ORDER BY last_message_at DESC NULLS LAST, conversation.id DESC LIMIT $2
     ) listed`,
    'customer_id',
  ),
  messagesOf: ofParents(
    `SELECT listed.* FROM unnest($1::text[]) AS parent(id) CROSS JOIN LATERAL (
       SELECT ${MESSAGE} FROM message WHERE conversation_id = parent.id COLLATE "C" ORDER BY sent_at DESC, key DESC LIMIT $2
     ) listed`,
    'conversation_id',
  ),
});
