import { memo } from 'react';
import { graphql, type FragmentOf } from '../gateway/graphql';
import { Avatar } from '../parts/Avatar';
import { Icon } from '../parts/Icon';
import { nameOf } from '../parts/names';
import { Ago } from '../parts/time';
import { pathTo } from '../route';

export const ROW = graphql(`
  fragment Row on Conversation {
    id
    platform
    isClosed
    unreadCount
    contact { name }
    customer { name }
    assignees { id name }
    lastMessage { id direction type preview sentAt }
  }
`);

/** Rows without a step keep their object identity, so `memo` skips rendering them. */
export const ConversationRow = memo(function ConversationRow({ row, isOpen }: { row: FragmentOf<typeof ROW>; isOpen: boolean }) {
  const { id, platform, isClosed, unreadCount, assignees, lastMessage } = row;
  const name = nameOf(row);
  return (
    <a className="row" href={pathTo('conversation', id)} aria-current={isOpen} data-conversation={id} data-unread={unreadCount}>
      <Avatar name={name} platform={platform} />
      <span className="row-text">
        <span className="row-top">
          <strong className="row-name">{name}</strong>
          {lastMessage && <Ago at={lastMessage.sentAt} />}
        </span>
        <span className="row-bottom">
          {lastMessage?.direction === 'OUTBOUND' && <span className="quiet" title="The last word is ours"><Icon name="reply" /></span>}
          <span className="row-preview">
            {lastMessage?.preview ?? lastMessage?.type.toLowerCase() ?? 'No messages yet'}
          </span>
          {unreadCount > 0 && <span className="unread" aria-label={`${unreadCount} unread`}>{unreadCount}</span>}
        </span>
        <span className="row-foot">
          {isClosed && <span className="tag">Closed</span>}
          {assignees.length > 0 ? assignees.map(({ name }) => name ?? 'Unnamed').join(', ') : 'Unassigned'}
        </span>
      </span>
    </a>
  );
});
