// The tabs of a first visit. Each query has its own file, so that the tests can run it.
import customers from './customers.graphql';
import liveInbox from './live-inbox.graphql';
import liveMessages from './live-messages.graphql';
import newestMessages from './newest-messages.graphql';
import openTickets from './open-tickets.graphql';

export const tabs = [customers, newestMessages, openTickets, liveMessages, liveInbox].map(query => ({ query }));
