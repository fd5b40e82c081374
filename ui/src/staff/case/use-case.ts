import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { type Case, caseQuery } from '../api';
import { type Doing, useAct } from '../gate';

/**
 * One act on a case. Each of them answers with the case as it then stands, which becomes what the
 * page shows; the lists that the case stands in are asked for again.
 */
export function useCaseAct<A = void>(
  run: (args: A) => Promise<Case>,
  done?: (after: Case) => void,
): Doing<A> {
  const client = useQueryClient();
  const finish = useCallback(
    (answer: Case) => {
      client.setQueryData(caseQuery(answer.id).queryKey, answer);
      client.invalidateQueries({ queryKey: ['inbox'] });
      done?.(answer);
    },
    [client, done],
  );
  return useAct<A, Case>(run, finish);
}

/** Where a case is in the contract's paths. */
export function at(id: string) {
  return { params: { path: { id } } };
}
