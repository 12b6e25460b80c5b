import { useEffect, useRef, useState } from 'react';
import { Icon } from '../parts/Icon';
import { FilterPanel } from './FilterPanel';
import { countOf, NO_FILTERS, type Filters } from './filters';
import { useUnread } from './useUnread';

interface Props {
  filters: Filters;
  change: (filters: Filters) => void;
  totalCount: number | undefined;
}

const STATES = [['open', 'Open'], ['closed', 'Closed'], ['all', 'All']] as const;

export function FilterBar({ filters, change, totalCount }: Props) {
  const [isWide, setWide] = useState(false);
  const count = countOf(filters);
  const unread = useUnread();
  const set = (part: Partial<Filters>) => change({ ...filters, ...part });
  return (
    <header className="filter-bar">
      <div className="filter-line">
        <SearchField value={filters.search} change={(search) => set({ search })} />
        <button className="button" aria-expanded={isWide} aria-controls="filters" onClick={() => setWide(!isWide)}>
          <Icon name="filter" />
          <span className="only-wide">Filters</span>
          {count > 0 && <span className="count">{count}</span>}
        </button>
      </div>
      {isWide && <FilterPanel filters={filters} set={set} />}
      <div className="filter-line">
        <div className="segments" role="group" aria-label="State">
          {STATES.map(([state, label]) => (
            <button key={state} aria-pressed={filters.state === state} onClick={() => set({ state })}>{label}</button>
          ))}
        </div>
        <button className="chip" aria-pressed={filters.unread} onClick={() => set({ unread: !filters.unread })}>
          Unread {unread > 0 && <small>{unread}</small>}
        </button>
        <span className="quiet total">{totalCount?.toLocaleString('en')}</span>
        {count > 0 && <button className="link" onClick={() => change({ ...NO_FILTERS, search: filters.search, state: filters.state })}>Clear</button>}
      </div>
    </header>
  );
}

/** The key `/` focuses the search field from anywhere. */
function SearchField({ value, change }: { value: string; change: (value: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const go = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener('keydown', go);
    return () => removeEventListener('keydown', go);
  }, []);
  return (
    <label className="search">
      <Icon name="search" />
      <input ref={field} type="search" placeholder="Search" aria-label="Search people and messages" value={value} onChange={(event) => change(event.target.value)} />
    </label>
  );
}
