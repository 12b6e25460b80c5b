import { useMemo } from 'react';
import { Bar, BarChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { graphql, type ResultOf } from '../gateway/graphql';
import { useLive } from '../gateway/useLive';
import { PLATFORM_NAMES, PLATFORMS } from '../parts/platforms';
import { Loading, Problem } from '../parts/States';
import { byDay, DAYS, firstDay } from './byDay';

const MESSAGES_BY_DAY = graphql(`
  subscription MessagesByDay($since: DateTime!, $timeZone: String!) {
    messageStatsLive(filter: { sentAt: { gte: $since } }, groupBy: [TIME, PLATFORM], interval: DAY, timeZone: $timeZone) {
      rows { time platform count }
    }
  }
`);

const rowsOf = (_: unknown, { messageStatsLive }: ResultOf<typeof MESSAGES_BY_DAY>) => messageStatsLive.rows;

/** Formats `1,500` as `1.5K`, to keep labels short. */
const SHORT = new Intl.NumberFormat('en', { notation: 'compact' });

/** Messages of the last two weeks by platform: live statistics, counted by the gateway. */
export default function DayChart() {
  const variables = useMemo(() => ({ since: firstDay().toISOString(), timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone }), []);
  const { data, error } = useLive({ query: MESSAGES_BY_DAY, variables }, rowsOf);
  if (error) return <Problem error={error} />;
  if (!data) return <Loading rows={3} />;
  const days = byDay(data);
  const shown = PLATFORM_NAMES.filter((platform) => days.some((day) => day[platform] > 0));
  const today = days.at(-1)!;
  return (
    <figure className="chart" data-counted={days.reduce((sum, { total }) => sum + total, 0)}>
      <figcaption>
        <h3>Messages a day</h3>
        <p className="quiet"><strong>{today.total.toLocaleString('en')}</strong> today · {DAYS} days</p>
      </figcaption>
      <ResponsiveContainer width="100%" height={132}>
        <BarChart data={days} margin={{ top: 4, right: 0, bottom: 0, left: 0 }} barCategoryGap="22%" accessibilityLayer>
          <XAxis dataKey="label" tickLine={false} axisLine={false} interval="preserveStartEnd" minTickGap={18} />
          <YAxis width={30} tickFormatter={SHORT.format} tickLine={false} axisLine={false} allowDecimals={false} tickCount={3} />
          <Tooltip cursor={{ fill: 'var(--hover)', stroke: 'none' }} isAnimationActive={false} />
          {shown.map((platform) => (
            <Bar key={platform} dataKey={platform} name={PLATFORMS[platform].name} stackId="day" fill={PLATFORMS[platform].color} isAnimationActive={false} />
          ))}
        </BarChart>
      </ResponsiveContainer>
      <ul className="legend">
        {shown.map((platform) => <li key={platform}><i style={{ background: PLATFORMS[platform].color }} />{PLATFORMS[platform].name}</li>)}
      </ul>
    </figure>
  );
}
