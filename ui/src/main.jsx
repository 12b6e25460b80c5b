// The page: GraphiQL with the explorer and history plugins, for this server's `/graphql`.
import './workers.js';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { createLocalStorage } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './page.css';
import { CredentialField } from './CredentialField.jsx';
import { fetcher } from './fetcher.js';
import { tabs } from './tabs/index.js';

// A namespace of its own keeps tabs of other GraphiQL pages on the same origin from replacing these.
const storage = createLocalStorage({ namespace: 'deskgraph' });
const plugins = [HISTORY_PLUGIN, explorerPlugin()];

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL fetcher={fetcher} defaultTabs={tabs} plugins={plugins} storage={storage}>
    <GraphiQL.Logo>
      <CredentialField />
      deskgraph
    </GraphiQL.Logo>
  </GraphiQL>,
);
