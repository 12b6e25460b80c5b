import { applySteps } from '@deskgraph/client';
import { graphql, type ResultOf } from '../gateway/graphql';
import { useLive } from '../gateway/useLive';
import { Avatar } from '../parts/Avatar';
import { Icon } from '../parts/Icon';
import { nameOf } from '../parts/names';
import { PLATFORMS } from '../parts/platforms';
import { pathTo } from '../route';

/** A live object: a live page with one row. */
const CONVERSATION_LIVE = graphql(`
  subscription ConversationLive($id: ID!, $after: String) {
    conversationsLive(filter: { id: { eq: $id } }, first: 1, after: $after) {
      cursor
      page { ...Head }
      steps { kind id afterId node { ...Head } }
    }
  }

  fragment Head on Conversation {
    id
    platform
    isClosed
    messageCount
    contact { name }
    customer { name }
    assignees { id name }
  }
`);

type Head = NonNullable<ResultOf<typeof CONVERSATION_LIVE>['conversationsLive']['page']>[number];
const next = (before: Head[] = [], { conversationsLive }: ResultOf<typeof CONVERSATION_LIVE>) => applySteps(before, conversationsLive);

export function ConversationHeader({ id }: { id: string }) {
  const { data } = useLive({ query: CONVERSATION_LIVE, variables: { id } }, next);
  const head = data?.[0];
  const name = head ? nameOf(head) : '';
  const staff = head?.assignees.map(({ name }) => name ?? 'Unnamed').join(', ');
  return (
    <header className="pane-header">
      <a className="icon-button only-narrow" href={pathTo('inbox', id)} aria-label="Back to the inbox"><Icon name="back" /></a>
      {head && (
        <>
          <Avatar name={name} platform={head.platform} />
          <div className="pane-title">
            <h2>{name}</h2>
            <p className="quiet">{PLATFORMS[head.platform].name} · {staff || 'Unassigned'} · {head.messageCount} messages</p>
          </div>
          <span className={head.isClosed ? 'tag' : 'tag tag-good'}>{head.isClosed ? 'Closed' : 'Open'}</span>
        </>
      )}
    </header>
  );
}
