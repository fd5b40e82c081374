import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, type Schemas, unwrap } from '../api/client';
import { useChanges } from '../shared/changes';
import type { PersonKey } from '../text/person.nb';
import { useText } from './text';

export type RequestSummary = Schemas['RequestSummary'];
export type Request = Schemas['Request'];

export const requestKey = (id: string) => ['request', id] as const;

/** The person's requests. */
export function useRequests() {
  const { locale } = useText();
  return useQuery({
    queryKey: ['requests', locale],
    queryFn: () => unwrap(api.GET('/requests')),
    select: (answer) => answer.requests,
  });
}

/** One request; looked at again when something happened to it. */
export function useRequest(id: string) {
  const { locale } = useText();
  const client = useQueryClient();
  const followed = useChanges(`/api/v1/requests/${id}/changes`, () => {
    void client.invalidateQueries({ queryKey: requestKey(id) });
  });
  return useQuery({
    queryKey: [...requestKey(id), locale],
    queryFn: () => unwrap(api.GET('/requests/{id}', { params: { path: { id } } })),
    placeholderData: (previous: Request | undefined) =>
      previous?.id === id ? previous : undefined,
    refetchInterval: ({ state }) => !followed && lookAgain(state.data, state.dataUpdateCount),
  });
}

/**
 * When to look again where the server does not tell of changes, in milliseconds. A search takes a moment, or waits for a colleague for days:
 * it is followed for a few minutes only.
 */
export function lookAgain(request: Request | undefined, looks: number): number | false {
  if (!request) return false;
  if (request.package?.state === 'building' || request.state === 'executing') return 5_000;
  const searching = request.state === 'received' || request.state === 'collecting';
  return searching && looks < 60 ? 3_000 : false;
}

/** How far a request has come, in the words of people outside the office. */
export type Phase = 'received' | 'working' | 'waiting' | 'answered' | 'withdrawn';

const phases: Record<RequestSummary['state'], Phase> = {
  received: 'received',
  collecting: 'working',
  awaiting_person: 'waiting',
  review: 'working',
  approved: 'working',
  executing: 'working',
  needs_human: 'working',
  answered: 'answered',
  purged: 'answered',
  withdrawn: 'withdrawn',
};

export const phaseOf = (request: RequestSummary): Phase => phases[request.state];

const phaseColor = {
  received: 'info',
  working: 'info',
  waiting: 'warning',
  answered: 'success',
  withdrawn: 'neutral',
} as const satisfies Record<Phase, string>;

/** The colour of where a request stands: a no is not shown as a success. */
export function colorOf(request: RequestSummary) {
  return request.outcome === 'refused' ? 'neutral' : phaseColor[phaseOf(request)];
}

/** Whether the office still owes an answer. */
export function isOpen(request: RequestSummary): boolean {
  const phase = phaseOf(request);
  return phase !== 'answered' && phase !== 'withdrawn';
}

/** The short word for where a request stands. */
export function phaseText(request: RequestSummary): PersonKey {
  if (request.state === 'answered' && request.outcome) return `outcome.${request.outcome}`;
  return `phase.${phaseOf(request)}`;
}
