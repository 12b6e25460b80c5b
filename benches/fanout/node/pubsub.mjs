// Publish and subscribe in memory. A subscription to one conversation is looked up; other filters are tested one by one.

// The published but undelivered payloads of a subscriber, as an asynchronous iterator.
class Queue {
  #values = [];
  #taker = null;
  #ended = false;

  constructor(onEnd) {
    this.onEnd = onEnd;
  }

  push(value) {
    const taker = this.#taker;
    if (taker) {
      this.#taker = null;
      taker({ value, done: false });
    } else {
      this.#values.push(value);
    }
  }

  next() {
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    if (this.#values.length > 0) return Promise.resolve({ value: this.#values.shift(), done: false });
    return new Promise((resolve) => { this.#taker = resolve; });
  }

  return() {
    this.#ended = true;
    this.onEnd(this);
    this.#taker?.({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

const matches = (filter, message) =>
  !filter ||
  ((filter.platform?.eq == null || filter.platform.eq === message.platform) &&
    (filter.direction?.eq == null || filter.direction.eq === message.direction) &&
    (filter.text?.contains == null || message.text.includes(filter.text.contains)));

export class PubSub {
  #ofConversation = new Map();
  #others = new Map();

  follow(filter) {
    const conversation = filter?.conversationId?.eq;
    if (conversation == null) {
      const queue = new Queue(() => this.#others.delete(queue));
      this.#others.set(queue, filter);
      return queue;
    }
    const queue = new Queue(() => this.#ofConversation.get(conversation)?.delete(queue));
    if (!this.#ofConversation.has(conversation)) this.#ofConversation.set(conversation, new Set());
    this.#ofConversation.get(conversation).add(queue);
    return queue;
  }

  publish(added) {
    const { message } = added;
    for (const queue of this.#ofConversation.get(message.conversation.id) ?? []) queue.push({ messageAdded: added });
    for (const [queue, filter] of this.#others) {
      if (matches(filter, message)) queue.push({ messageAdded: added });
    }
  }
}
