/** Outline icons on a 24 × 24 grid, drawn for this application. */
const PATHS = {
  inbox: 'M4 13h4l1.5 3h5L16 13h4M5.5 5h13l1.5 8v5a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 18v-5z',
  conversation: 'M5 6.5A1.5 1.5 0 0 1 6.5 5h11A1.5 1.5 0 0 1 19 6.5v8a1.5 1.5 0 0 1-1.5 1.5H11l-4 3.5V16h-.5A1.5 1.5 0 0 1 5 14.5z',
  customer: 'M12 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 19.5c.8-3.2 3.5-4.8 7-4.8s6.2 1.6 7 4.8',
  activity: 'M5 19V11M10 19V5M15 19v-6M20 19V8',
  search: 'M11 17a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM15.5 15.5 20 20',
  filter: 'M4 7h16M7 12h10M10 17h4',
  close: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  back: 'M14.5 6 8.5 12l6 6',
  down: 'M12 5v13M6.5 12.5 12 18l5.5-5.5',
  key: 'M14.5 13.5a4 4 0 1 0-3.8-2.8L5 16.5V19h2.5v-2H9.5v-2h2l1.2-1.7a4 4 0 0 0 1.8.2zM15.5 9h.01',
  reply: 'M10 8 5 13l5 5M5.5 13H14a5 5 0 0 0 5-5V6.5',
  file: 'M7 4.5h6.5L18 9v9.5a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1zM13.5 4.5V9H18',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
