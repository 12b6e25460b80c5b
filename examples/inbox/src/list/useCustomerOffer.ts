import { useQuery } from 'urql';
import { graphql } from '../gateway/graphql';
import { labelOf } from '../parts/labels';

/** A query rather than a subscription, since the values rarely change. Sent when the filters are opened. */
const CUSTOMER_OFFER = graphql(`
  query CustomerOffer {
    customerStats(groupBy: [STATUS]) { status count }
    customFieldKeys(first: 50) { key customers isNumeric }
  }
`);

/** The statuses and custom fields that customers have, the most used first. */
export function useCustomerOffer() {
  const [{ data }] = useQuery({ query: CUSTOMER_OFFER, requestPolicy: 'cache-and-network' });
  const statuses = (data?.customerStats ?? []).flatMap(({ status, count }) => (status ? [{ status, count }] : []));
  return {
    statuses: statuses.sort((one, other) => other.count - one.count),
    fields: (data?.customFieldKeys ?? []).map((field) => ({ ...field, label: labelOf(field.key) })),
  };
}
