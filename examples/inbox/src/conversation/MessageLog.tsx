import { Fragment, useLayoutEffect, useRef, useState } from 'react';
import { Icon } from '../parts/Icon';
import { Empty } from '../parts/States';
import { Day, isSameDay } from '../parts/time';
import { authorOf, Message, type MessageRow } from './Message';

interface Props {
  /** The newest first. */
  messages: MessageRow[];
  showEarlier: (() => void) | undefined;
}

/** Messages with the oldest at the top. Scrolls to new messages while at the end; further up, shows a notice instead. */
export function MessageLog({ messages, showEarlier }: Props) {
  const log = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const [hasNew, setHasNew] = useState(false);
  const newest = messages[0]?.id;

  const goToEnd = () => log.current?.scrollTo({ top: log.current.scrollHeight });
  const look = () => {
    const { scrollTop, scrollHeight, clientHeight } = log.current!;
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < 40;
    if (isAtEnd.current) setHasNew(false);
  };
  useLayoutEffect(() => {
    if (isAtEnd.current) goToEnd();
    else setHasNew(true);
  }, [newest]);

  if (messages.length === 0) return <Empty title="No messages">This conversation is empty, or not for this credential.</Empty>;
  const shown = messages.toReversed();
  const isNextOf = (one: MessageRow | undefined, other: MessageRow | undefined) =>
    one && other && authorOf(one) === authorOf(other) && one.direction === other.direction && isSameDay(one.sentAt, other.sentAt);
  return (
    <div className="log-frame">
      <div className="scroll log" ref={log} onScroll={look} role="log" aria-label="Messages" tabIndex={0}>
        {showEarlier && <button className="more" onClick={showEarlier}>Earlier messages</button>}
        <ol>
          {shown.map((message, place) => {
            const [before, after] = [shown[place - 1], shown[place + 1]];
            return (
              <Fragment key={message.id}>
                {!(before && isSameDay(before.sentAt, message.sentAt)) && <li><Day at={message.sentAt} /></li>}
                <Message message={message} isFirst={!isNextOf(before, message)} isLast={!isNextOf(message, after)} />
              </Fragment>
            );
          })}
        </ol>
      </div>
      {hasNew && <button className="to-end" onClick={goToEnd}><Icon name="down" /> New messages</button>}
    </div>
  );
}
