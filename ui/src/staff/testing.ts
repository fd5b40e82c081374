import type { Case, FindingGroup, Task } from './api';

/** A case in which nothing is left to do, to be changed by each test. */
export function aCase(part: Partial<Case> = {}): Case {
  return {
    id: '0'.repeat(32),
    reference: 'MI-2026-7F3K-2Q',
    right: 'access',
    state: 'review',
    step_text: '',
    next_text: '',
    channel: 'web',
    received_at: '2026-01-15T08:30:00Z',
    due_on: '2026-02-16',
    days_left: 20,
    badge: 'ok',
    verified: true,
    asked: [],
    delivery: 'portal',
    identity: { text: '' },
    identifiers: [],
    clock: {
      received_on: '2026-01-15',
      due_on: '2026-02-16',
      refusal_due_on: '2026-02-16',
      target_on: '2026-01-29',
      paused: false,
      reasons: [],
    },
    groups: [],
    tasks: [],
    sources: [{ name: 'crm', title: 'Kundesystemet', kind: 'sqlite', state: 'read', text: '' }],
    messages: [],
    log: [],
    linked: [],
    may: [{ act: 'decide', allowed: true }],
    choices: {
      refusal_grounds: [],
      extension_grounds: [],
      withhold_grounds: [],
      restricted_uses: [],
    },
    register_version: 1,
    working: false,
    ...part,
  };
}

export function aGroup(part: Partial<FindingGroup> = {}): FindingGroup {
  return {
    id: 'g1',
    source: 'crm',
    place: 'Kundesystemet',
    collection: 'customers',
    title: 'Kunder',
    activity: 'customers',
    activity_name: 'Kunderegister',
    count: 1,
    proposal: { action: 'disclose', text: '' },
    decision: { action: 'disclose', text: '' },
    ...part,
  };
}

export function aTask(state: Task['state']): Task {
  return { id: '1'.repeat(32), place: 'Arkivet', state, files: [] };
}
