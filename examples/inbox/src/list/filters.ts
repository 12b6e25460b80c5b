import type { graphql } from '../gateway/graphql';
import type { Platform } from '../parts/platforms';

export type ConversationFilter = ReturnType<typeof graphql.scalar<'ConversationFilter'>>;

/** The settings of the filter bar. */
export interface Filters {
  search: string;
  state: 'open' | 'closed' | 'all';
  unread: boolean;
  platforms: Platform[];
  channels: string[];
  staff: string;
  status: string;
  field: { key: string; value: string; isNumeric: boolean };
}

export const NO_FILTERS: Filters = {
  search: '',
  state: 'open',
  unread: false,
  platforms: [],
  channels: [],
  staff: '',
  status: '',
  field: { key: '', value: '', isNumeric: false },
};

/** The number of active filters in the panel. */
export const countOf = ({ platforms, channels, staff, status, field }: Filters) =>
  platforms.length + channels.length + [staff, status, field.key].filter(Boolean).length;

/** A number is a lower bound; a text must be contained; without either, the field must have a value. */
function customField({ key, value, isNumeric }: Filters['field']) {
  const number = value.trim() === '' ? NaN : Number(value);
  if (isNumeric && !Number.isNaN(number)) return { key, number: { gte: number } };
  return !isNumeric && value.trim() ? { key, value: { contains: value.trim() } } : { key, exists: true };
}

/** Converts to the gateway's filter. Fields are combined with AND; unset ones are left out. */
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
        ...(field.key && { customField: [customField(field)] }),
      },
    }),
    // Searches names, phone numbers and messages, ignoring accents: "nguyen" finds "Nguyễn".
    ...(text && {
      or: [{ contactName: { contains: text } }, { customer: { search: text } }, { messages: { some: { search: text } } }],
    }),
  };
}
