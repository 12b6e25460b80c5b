import '@fontsource-variable/inter';
import './styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { GatewayProvider } from './gateway/GatewayProvider';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <GatewayProvider>
      <App />
    </GatewayProvider>
  </StrictMode>,
);
