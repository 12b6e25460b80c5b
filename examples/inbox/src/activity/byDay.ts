import type { Platform } from '../parts/platforms';

export const DAYS = 14;

export type DayRow = { label: string; total: number } & Record<Platform, number>;

interface Count {
  time: string | null;
  platform: Platform | null;
  count: number;
}

const LABEL = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** Midnight, `DAYS - 1` days ago. */
export function firstDay(now = new Date()): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - DAYS + 1);
}

/** One row per day; the last is today. Adds the days without messages, which the gateway leaves out. */
export function byDay(counts: readonly Count[], now = new Date()): DayRow[] {
  const first = firstDay(now);
  const days = Array.from({ length: DAYS }, (_, place): DayRow => {
    const day = new Date(first.getFullYear(), first.getMonth(), first.getDate() + place);
    return { label: LABEL.format(day), total: 0, ZALO: 0, FACEBOOK: 0, WEB: 0, EMAIL: 0, OTHER: 0 };
  });
  for (const { time, platform, count } of counts) {
    const day = days.find(({ label }) => time && label === LABEL.format(new Date(time)));
    if (!day || !platform) continue;
    day[platform] += count;
    day.total += count;
  }
  return days;
}
