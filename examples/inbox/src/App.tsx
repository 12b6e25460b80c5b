import { lazy, Suspense } from 'react';
import { Conversation } from './conversation/Conversation';
import { CustomerPane } from './customer/CustomerPane';
import { useStatus } from './gateway/GatewayProvider';
import { ConversationList } from './list/ConversationList';
import { Navigation } from './Navigation';
import { Empty, Loading } from './parts/States';
import { useRoute } from './route';
import { TopBar } from './TopBar';

/** Loaded lazily: the chart is half of the code, and the lists need not wait for it. */
const DayChart = lazy(() => import('./activity/DayChart'));

/** Three columns on a wide screen; on a narrow one a single column, chosen in the navigation at the bottom. */
export function App() {
  const { pane, id } = useRoute();
  if (useStatus() === 'refused') {
    return (
      <div className="app">
        <TopBar />
        <Empty title="This gateway asks who you are">Fill in an API key or a token above. It is kept for this tab alone.</Empty>
      </div>
    );
  }
  return (
    <div className="app" data-pane={pane}>
      <TopBar />
      <main className="columns">
        <section className="pane pane-inbox" aria-label="Inbox">
          <ConversationList openId={id} />
        </section>
        <section className="pane pane-conversation" aria-label="Conversation">
          {id ? <Conversation key={id} id={id} /> : <Empty title="Choose a conversation">It is shown here, and grows as messages come in.</Empty>}
        </section>
        <aside className="pane pane-side" aria-label="Customer and activity">
          <div className="side-customer">
            {id ? <CustomerPane key={id} conversation={id} /> : <Empty title="No customer">The customer of an open conversation is shown here, with their tickets.</Empty>}
          </div>
          <div className="side-activity">
            <Suspense fallback={<Loading rows={3} />}><DayChart /></Suspense>
          </div>
        </aside>
      </main>
      <Navigation pane={pane} id={id} />
    </div>
  );
}
