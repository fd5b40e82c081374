import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError, api, newKey, type Schemas, unwrap } from '../api/client';
import { keep, readKept } from './kept';
import { keptStanding, standingBody } from './standing';

type NewRequest = Schemas['NewRequest'];

/**
 * Files a request and goes to its receipt. The key makes it safe to send again when the network
 * went away before the answer came.
 */
export function useSend() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const send = async (body: NewRequest, key: string) => {
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    const whole = { ...body, ...standingBody(keptStanding(body.right)) };
    try {
      const created = await unwrap(
        api.POST('/requests', { params: { header: { 'Idempotency-Key': key } }, body: whole }),
      );
      keep(body.right, undefined);
      keep('standing', undefined);
      await client.invalidateQueries({ queryKey: ['requests'] });
      await navigate({ to: '/receipt/$id', params: { id: created.id }, replace: true });
    } catch (error) {
      // It may have come in all the same: the list is not believed until it is read again.
      void client.invalidateQueries({ queryKey: ['requests'], refetchType: 'none' });
      if (wasReceived(error)) begunAnew(body.right);
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return { send, busy, failure };
}

/**
 * Whether the request came in before: its answer was lost on the way, and what is written now is no
 * longer the same.
 */
export function wasReceived(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'idempotency_key_reused';
}

/** What is written after that is a request of its own, should it be sent. */
function begunAnew(right: NewRequest['right']): void {
  const draft = readKept(right);
  if (draft) keep(right, { ...draft, key: newKey() });
}

/** The optional fields of a request, without those left empty. */
export function optional(fields: { name: string; text: string }): { name?: string; text?: string } {
  const name = fields.name.trim();
  const text = fields.text.trim();
  return { ...(name ? { name } : {}), ...(text ? { text } : {}) };
}
