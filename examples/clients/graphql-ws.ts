import { resumingClient } from '@deskgraph/client';
import { MESSAGES, type Follow, type Messages } from './messages';

export const follow: Follow = (url, after, show, fail) => {
  const client = resumingClient({ url: url.replace('http', 'ws') });
  return client.subscribe<Messages>(
    { query: MESSAGES, variables: { after } },
    { next: ({ data, errors }) => (data ? show(data.messageAdded.message) : fail(errors)), error: fail, complete: () => {} },
  );
};
