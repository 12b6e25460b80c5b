/** What the three recipes follow. */
export const MESSAGES = `
  subscription Messages($after: String) {
    messageAdded(after: $after) { cursor message { id text } }
  }
`;

export interface Message {
  id: string;
  text: string | null;
}

export interface Messages {
  messageAdded: { cursor: string; message: Message };
}

/** Shows each message that is new after the cursor. Calling what it gives ends it. */
export type Follow = (
  url: string,
  after: string,
  show: (message: Message) => void,
  fail: (error: unknown) => void,
) => () => void;
