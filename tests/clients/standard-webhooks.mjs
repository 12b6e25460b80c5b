// The official library of Standard Webhooks as a sender: node standard-webhooks.mjs BASE_URL SECRET OTHER_SECRET
//
// Prints one line of JSON: the status of each delivery, and the gateway's response: {"signed": [200, {…}], …}.

import { Webhook } from 'standardwebhooks';

const [base, secret, other] = process.argv.slice(2);
if (!other) throw new Error('usage: node standard-webhooks.mjs BASE_URL SECRET OTHER_SECRET');

const now = new Date();
const payload = (id) => JSON.stringify({ ticket_id: id, name: 'Hoa hồng đỏ', tags: ['gấp'] });

function headers(id, body, { signer = secret, at = now } = {}) {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(signer).sign(id, at, body),
  };
}

async function post(headers, body) {
  const response = await fetch(`${base}/webhooks/ticket-created`, { method: 'POST', headers, body });
  return [response.status, await response.json()];
}

const minutes = (count) => new Date(now.getTime() + count * 60_000);
const body = payload('t-1');
const signed = headers('msg_1', body);
const answers = {
  signed: await post(signed, body),
  replayed: await post(signed, body),
  rotated: await post(
    { ...signed, 'webhook-signature': `${headers('msg_1', body, { signer: other })['webhook-signature']} ${signed['webhook-signature']}` },
    body,
  ),
  forged: await post(headers('msg_2', body, { signer: other }), body),
  changed: await post(headers('msg_3', body), payload('t-2')),
  stale: await post(headers('msg_4', body, { at: minutes(-10) }), body),
  early: await post(headers('msg_5', body, { at: minutes(10) }), body),
  tolerated: await post(headers('msg_6', payload('t-6'), { at: minutes(-4) }), payload('t-6')),
  unsigned: await post({ 'webhook-id': 'msg_7' }, body),
};
console.log(JSON.stringify(answers));
