import type { graphql } from '../gateway/graphql';
import type { Platform } from '../parts/platforms';

export type ConversationFilter = ReturnType<typeof graphql.scalar<'ConversationFilter'>>;

/** What the filter bar says. */
export interface Filters {
  search: string;
  state: 'open' | 'closed' | 'all';
  unread: boolean;
  platforms: Platform[];
  channels: string[];
  staff: string;
  status: string;
  field: { key: string; value: string };
}

export const NO_FILTERS: Filters = {
  search: '',
  state: 'open',
  unread: false,
  platforms: [],
  channels: [],
  staff: '',
  status: '',
  field: { key: '', value: '' },
};

/** How many of the filters behind the button are set. */
export const countOf = ({ platforms, channels, staff, status, field }: Filters) =>
  platforms.length + channels.length + [staff, status, field.key].filter(Boolean).length;

/** The same as the gateway's filter. Its fields are combined by AND; what is not set is left out. */
export function conversationFilter({ search, state, unread, platforms, channels, staff, status, field }: Filters): ConversationFilter {
  const text = search.trim();
  return {
    ...(state !== 'all' && { isClosed: { eq: state === 'closed' } }),
    ...(unread && { unreadCount: { gt: 0 } }),
    ...(platforms.length > 0 && { platform: { in: platforms } }),
    ...(channels.length > 0 && { channelId: { in: channels } }),
    ...(staff && { assignees: { some: { id: { eq: staff } } } }),
    ...((status || field.key) && {
      customer: {
        ...(status && { status: { eq: status } }),
        ...(field.key && { customField: [field.value ? { key: field.key, value: { contains: field.value } } : { key: field.key, exists: true }] }),
      },
    }),
    // Names, phone numbers and what was said. Accents don't matter: "nguyen" finds "Nguyễn".
    ...(text && {
      or: [{ contactName: { contains: text } }, { customer: { search: text } }, { messages: { some: { search: text } } }],
    }),
  };
}
