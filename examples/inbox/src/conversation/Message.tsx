import { memo } from 'react';
import { graphql, type FragmentOf } from '../gateway/graphql';
import { Icon } from '../parts/Icon';
import { Clock } from '../parts/time';

export const MESSAGE = graphql(`
  fragment Message on Message {
    id
    direction
    type
    text
    sentAt
    isRead
    attachments { name type url }
    sender { name }
    responder { name }
  }
`);

export type MessageRow = FragmentOf<typeof MESSAGE>;

/** One bubble. `isFirst` and `isLast` refer to consecutive messages of the same author. */
export const Message = memo(function Message({ message, isFirst, isLast }: { message: MessageRow; isFirst: boolean; isLast: boolean }) {
  const { id, direction, type, text, sentAt, isRead, attachments } = message;
  const isOurs = direction === 'OUTBOUND';
  return (
    <li className={`message ${isOurs ? 'ours' : 'theirs'}${isFirst ? ' first' : ''}`} data-message={id}>
      {isFirst && <span className="author">{authorOf(message)}</span>}
      <div className="bubble">
        {text && <p lang="vi">{text}</p>}
        {attachments.map(({ name, url }, place) => (
          <a key={place} className="attachment" href={safe(url)} target="_blank" rel="noreferrer">
            <Icon name="file" /> {name ?? KINDS[type] ?? 'Attachment'}
          </a>
        ))}
        {!text && attachments.length === 0 && <p className="quiet">{KINDS[type] ?? 'Message without text'}</p>}
      </div>
      {isLast && <span className="stamp"><Clock at={sentAt} />{!isOurs && !isRead && ' · not read yet'}</span>}
    </li>
  );
});

/** The author; for outbound messages, the staff member if known. */
export const authorOf = ({ direction, sender, responder }: MessageRow) =>
  (direction === 'OUTBOUND' ? responder?.name : null) ?? sender.name ?? 'Unknown';

const KINDS: Partial<Record<MessageRow['type'], string>> = {
  IMAGE: 'Picture',
  AUDIO: 'Voice message',
  VIDEO: 'Video',
  FILE: 'File',
  STICKER: 'Sticker',
  LOCATION: 'Location',
  LINK: 'Link',
};

/** Accepts only safe URLs: customers' input is untrusted, and a URL may be a script. */
const safe = (url: string | null) => (url && /^https?:/i.test(url) ? url : undefined);
