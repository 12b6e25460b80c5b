import { graphql, type ResultOf } from '../gateway/graphql';
import { useLive } from '../gateway/useLive';
import { PLATFORM_NAMES, type Platform } from '../parts/platforms';

/** Live statistics: each payload has all rows, so there are no steps to apply. */
const CHANNELS_LIVE = graphql(`
  subscription ChannelsLive {
    conversationStatsLive(groupBy: [PLATFORM, CHANNEL]) {
      rows { platform channelId count }
    }
  }
`);

const STAFF_LIVE = graphql(`
  subscription StaffLive {
    conversationStatsLive(groupBy: [ASSIGNEE]) {
      rows { assignee { id name } count }
    }
  }
`);

interface Choice {
  count: number;
}

export interface Offer {
  platforms: (Choice & { platform: Platform })[];
  channels: (Choice & { platform: Platform; channelId: string })[];
  staff: (Choice & { id: string; name: string })[];
}

const channelRows = (_: unknown, { conversationStatsLive }: ResultOf<typeof CHANNELS_LIVE>) => conversationStatsLive.rows;
const staffRows = (_: unknown, { conversationStatsLive }: ResultOf<typeof STAFF_LIVE>) => conversationStatsLive.rows;

/** The values that the filters offer. */
export function useOffer(): Offer {
  const { data: channels = [] } = useLive({ query: CHANNELS_LIVE }, channelRows);
  const { data: staff = [] } = useLive({ query: STAFF_LIVE }, staffRows);
  return {
    platforms: PLATFORM_NAMES.map((platform) => ({
      platform,
      count: channels.filter((row) => row.platform === platform).reduce((sum, { count }) => sum + count, 0),
    })).filter(({ count }) => count > 0),
    channels: channels.flatMap(({ platform, channelId, count }) => (platform && channelId ? [{ platform, channelId, count }] : [])),
    staff: staff
      .flatMap(({ assignee, count }) => (assignee ? [{ id: assignee.id, name: assignee.name ?? assignee.id, count }] : []))
      .sort((one, other) => one.name.localeCompare(other.name, 'vi')),
  };
}
