import { PLATFORMS, PlatformMark } from '../parts/platforms';
import type { Filters } from './filters';
import { useCustomerOffer } from './useCustomerOffer';
import { useOffer } from './useOffer';

interface Props {
  filters: Filters;
  set: (part: Partial<Filters>) => void;
}

/** Removes the value if present, otherwise adds it. */
const toggled = <Value,>(values: Value[], value: Value) =>
  values.includes(value) ? values.filter((other) => other !== value) : [...values, value];

/** Shortens a long channel id to its end, since the ids of a platform's pages share a prefix. */
const shortOf = (channel: string) => (/^\d{8,}$/.test(channel) ? `…${channel.slice(-6)}` : channel);

/** Offers only existing values, each with its number of conversations or customers. */
export function FilterPanel({ filters, set }: Props) {
  const { channels, platforms, staff } = useOffer();
  const { statuses, fields } = useCustomerOffer();
  const { field } = filters;
  const isNumeric = (key: string) => fields.some((known) => known.key === key && known.isNumeric);
  return (
    <div className="filter-panel" id="filters">
      <fieldset>
        <legend>Platform</legend>
        <div className="chips">
          {platforms.map(({ platform, count }) => (
            <button key={platform} className="chip" aria-pressed={filters.platforms.includes(platform)} onClick={() => set({ platforms: toggled(filters.platforms, platform) })}>
              <PlatformMark platform={platform} /> {PLATFORMS[platform].name} <small>{count}</small>
            </button>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend>Channel</legend>
        <div className="chips chips-even">
          {channels.map(({ platform, channelId, count }) => (
            <button key={`${platform}/${channelId}`} className="chip" title={channelId} aria-pressed={filters.channels.includes(channelId)} onClick={() => set({ channels: toggled(filters.channels, channelId) })}>
              <PlatformMark platform={platform} /> <span className="clip">{shortOf(channelId)}</span> <small>{count}</small>
            </button>
          ))}
        </div>
      </fieldset>
      <div className="two">
        <label>
          Assigned to
          <select value={filters.staff} onChange={(event) => set({ staff: event.target.value })}>
            <option value="">Anyone</option>
            {staff.map(({ id, name, count }) => <option key={id} value={id}>{name} ({count})</option>)}
          </select>
        </label>
        <label>
          Customer status
          <select value={filters.status} onChange={(event) => set({ status: event.target.value })}>
            <option value="">Any</option>
            {statuses.map(({ status, count }) => <option key={status} value={status}>{status} ({count})</option>)}
          </select>
        </label>
      </div>
      <div className="two">
        <label>
          Customer field
          <select value={field.key} onChange={({ target }) => set({ field: { key: target.value, value: '', isNumeric: isNumeric(target.value) } })}>
            <option value="">Any</option>
            {fields.map(({ key, label, customers }) => <option key={key} value={key}>{label} ({customers})</option>)}
          </select>
        </label>
        <label>
          {field.isNumeric ? 'At least' : 'Contains'}
          <input
            type={field.isNumeric ? 'number' : 'text'}
            disabled={!field.key}
            value={field.value}
            onChange={({ target }) => set({ field: { ...field, value: target.value } })}
          />
        </label>
      </div>
    </div>
  );
}
