// What a first visit shows. Each query stands in a file of its own, so that the tests can run it against the schema.
import customers from './customers.graphql';
import liveMessages from './live-messages.graphql';
import newestMessages from './newest-messages.graphql';
import openTickets from './open-tickets.graphql';

export const tabs = [customers, newestMessages, openTickets, liveMessages].map(query => ({ query }));
