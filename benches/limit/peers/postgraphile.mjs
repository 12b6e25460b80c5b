// PostGraphile over the gateway's tables. They have no foreign keys, so the relations are smart tags.

import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { jsonPgSmartTags } from 'postgraphile/utils';
import { PostGraphileConnectionFilterPreset } from 'postgraphile-plugin-connection-filter';

const ofCustomer = '(customer_id) references customer (id)|@fieldName customer|@foreignFieldName';
const ofConversation = '(conversation_id) references conversation (id)|@fieldName conversation|@foreignFieldName messages';

// A filter by a column that no index starts with has to be allowed.
const filtered = { tags: { behavior: '+filterBy' } };

const tags = jsonPgSmartTags({
  version: 1,
  config: {
    class: {
      customer: { attribute: { version_at: filtered, deleted_at: filtered } },
      conversation: { tags: { foreignKey: `${ofCustomer} conversations` } },
      message: { tags: { foreignKey: [ofConversation, `${ofCustomer} messages`] }, attribute: { text: filtered } },
    },
  },
});

const preset = {
  extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset],
  plugins: [tags],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ['public'],
      // Its statements need plans for their values: the generic plan of a list with links is much slower.
      poolConfig: { options: '-c jit=off' },
    }),
  ],
  grafserv: { graphqlPath: '/graphql', graphiql: false },
};

export async function attach(server) {
  await postgraphile(preset).createServ(grafserv).addTo(server);
}
