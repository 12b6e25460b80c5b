import { Icon } from './parts/Icon';
import { PANES, pathTo, type Route } from './route';

const LABELS = { inbox: 'Inbox', conversation: 'Conversation', customer: 'Customer', activity: 'Activity' };

/** Shown only on narrow screens. */
export const Navigation = ({ pane, id }: Route) => (
  <nav className="navigation" aria-label="Views">
    {PANES.map((to) => (
      <a key={to} href={pathTo(to, id)} aria-current={to === pane ? 'page' : undefined}>
        <Icon name={to} />
        {LABELS[to]}
      </a>
    ))}
  </nav>
);
