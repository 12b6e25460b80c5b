import type { graphql } from '../gateway/graphql';

export type Platform = ReturnType<typeof graphql.scalar<'Platform'>>;

/** Names and colours, in the order of the chart's layers. */
export const PLATFORMS: Record<Platform, { name: string; color: string }> = {
  ZALO: { name: 'Zalo', color: 'var(--zalo)' },
  FACEBOOK: { name: 'Facebook', color: 'var(--facebook)' },
  WEB: { name: 'Website', color: 'var(--web)' },
  EMAIL: { name: 'Email', color: 'var(--email)' },
  OTHER: { name: 'Other', color: 'var(--other)' },
};

export const PLATFORM_NAMES = Object.keys(PLATFORMS) as Platform[];

const MARKS: Record<Platform, string> = { ZALO: 'Z', FACEBOOK: 'f', WEB: 'w', EMAIL: '@', OTHER: '·' };

/** A small badge for a platform. */
export const PlatformMark = ({ platform }: { platform: Platform }) => (
  <span className="mark" style={{ background: PLATFORMS[platform].color }} role="img" aria-label={PLATFORMS[platform].name} title={PLATFORMS[platform].name}>
    {MARKS[platform]}
  </span>
);
