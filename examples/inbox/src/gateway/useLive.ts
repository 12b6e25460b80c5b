import { mustStartAgain } from '@deskgraph/client';
import { useEffect } from 'react';
import { useSubscription, type AnyVariables, type UseSubscriptionArgs } from 'urql';

/**
 * `useSubscription`, but subscribes again if the gateway has restarted with another database, for which the cursor is invalid.
 * The first payload then has the whole result. `next` computes the new data from the previous data and a payload.
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
