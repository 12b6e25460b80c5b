import { useSyncExternalStore } from 'react';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const date = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', options);
const CLOCK = date({ hour: '2-digit', minute: '2-digit' });
const SHORT_DATE = date({ day: 'numeric', month: 'short' });
const LONG_DATE = date({ weekday: 'long', day: 'numeric', month: 'long' });
const FULL = date({ dateStyle: 'medium', timeStyle: 'short' });

const startOfDay = (time: Date) => new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
const daysBetween = (from: Date, to: Date) => Math.round((startOfDay(to) - startOfDay(from)) / DAY);

/** One clock for all times on the page: they are re-rendered together every 15 seconds. */
const TICK = MINUTE / 4;
const tick = (changed: () => void) => {
  const timer = setInterval(changed, TICK);
  return () => clearInterval(timer);
};
const useNow = () => new Date(useSyncExternalStore(tick, () => Math.floor(Date.now() / TICK)) * TICK + TICK);

/** How long ago, short enough for the end of a line: `now`, `5m`, `3h`, `Yesterday`, `24 Nov`. */
export function Ago({ at }: { at: string }) {
  const now = useNow();
  const then = new Date(at);
  const age = now.getTime() - then.getTime();
  const days = daysBetween(then, now);
  const text =
    age < MINUTE ? 'now'
    : age < HOUR ? `${Math.floor(age / MINUTE)}m`
    : days === 0 ? `${Math.floor(age / HOUR)}h`
    : days === 1 ? 'Yesterday'
    : SHORT_DATE.format(then);
  return <time dateTime={at} title={FULL.format(then)}>{text}</time>;
}

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** When something is due: `in 3 hours`, `yesterday`, `2 days ago`. */
export function Due({ at }: { at: string }) {
  const now = useNow();
  const then = new Date(at);
  const away = then.getTime() - now.getTime();
  const days = daysBetween(now, then);
  const text =
    days !== 0 ? RELATIVE.format(days, 'day')
    : Math.abs(away) < HOUR ? RELATIVE.format(Math.trunc(away / MINUTE), 'minute')
    : RELATIVE.format(Math.trunc(away / HOUR), 'hour');
  return <time dateTime={at} title={FULL.format(then)}>{text}</time>;
}

/** The time of day. */
export const Clock = ({ at }: { at: string }) => (
  <time dateTime={at} title={FULL.format(new Date(at))}>{CLOCK.format(new Date(at))}</time>
);

/** The heading above the messages of a day. */
export function Day({ at }: { at: string }) {
  const now = useNow();
  const then = new Date(at);
  const days = daysBetween(then, now);
  const text = days === 0 ? 'Today' : days === 1 ? 'Yesterday' : LONG_DATE.format(then);
  return <h3 className="day">{text}</h3>;
}

export const isSameDay = (one: string, other: string) => startOfDay(new Date(one)) === startOfDay(new Date(other));
