import { mustStartAgain } from '@deskgraph/client';
import { useEffect } from 'react';
import { useSubscription, type AnyVariables, type UseSubscriptionArgs } from 'urql';

/**
 * `useSubscription` whose subscription begins anew where its cursor is of no use: when the gateway has come back with another
 * database. Its first payload then has everything. `next` makes the data to show of the last ones and a payload.
 */
export function useLive<Payload, Variables extends AnyVariables, Data>(
  args: UseSubscriptionArgs<Variables, Payload>,
  next: (before: Data | undefined, payload: Payload) => Data,
) {
  const [state, subscribeAgain] = useSubscription(args, next);
  useEffect(() => {
    if (mustStartAgain(state.error)) subscribeAgain();
  }, [state.error, subscribeAgain]);
  return state;
}
