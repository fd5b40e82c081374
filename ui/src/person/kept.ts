import { useCallback, useState } from 'react';
import type { Right, Schemas } from '../api/client';
import type { StandingDraft } from './standing';

/**
 * What this window remembers until it is closed, so that a reload, a lost network or an ended
 * session loses nothing that was typed. Codes and passwords are never kept.
 */
export interface Kept {
  /** The verification that waits for its code. */
  flow: Flow;
  /** For whom this person asks, when it is not for themselves. */
  standing: StandingDraft;
  /** Where to go on after signing in again. */
  resume: string;
  access: ScopeDraft;
  erasure: ScopeDraft;
  restriction: ScopeDraft;
  portability: ScopeDraft;
  objection: ScopeDraft;
  withdrawal: ScopeDraft;
  human_review: ScopeDraft;
  rectification: RectificationDraft;
  /** Begun messages, by request. */
  messages: Record<string, string>;
  /** Whose drafts these are: the address that was last signed in with here. */
  owner: string;
  /** Fresh codes that were mailed or proved for one operation, by what they are for. */
  codes: Record<string, AskedCode>;
}

/** A fresh code on its way, or proved. Instants are milliseconds since 1970; no code is in it. */
export interface AskedCode {
  codeLength: number;
  minutes: number;
  resendAt: number;
  /** Until when the code, or the proof made with it, is of use. */
  until: number;
  proved: boolean;
}

export interface Flow {
  id: string;
  email: string;
  right?: Right;
  codeLength: number;
  minutes: number;
  /** Milliseconds since 1970: when another mail may be asked for. */
  resendAt: number;
}

export interface ScopeDraft {
  all: boolean;
  activities: string[];
  text: string;
  name: string;
  /** What else is asked at once. */
  also?: Right[];
  /** Of an objection: to direct marketing. */
  marketing?: boolean;
  /** Of a restriction: why. */
  ground?: Ground;
  /** Of portability: who is to get the copy directly. */
  recipient?: string;
  /** The Idempotency-Key of this draft: sent twice, it is still one request. */
  key: string;
}

export type Ground = NonNullable<Schemas['NewRequest']['ground']>;

export interface RectificationDraft {
  /** New values by `fieldKey`: the sealed reference of a field is new each time it is read. */
  values: Record<string, string>;
  /** What else is asked at once. */
  also?: Right[];
  /** The data are not to be used while it is looked into. */
  meanwhile?: boolean;
  text: string;
  name: string;
  key: string;
}

const prefix = 'mininfo.';

export function readKept<K extends keyof Kept>(name: K): Kept[K] | undefined {
  try {
    const text = sessionStorage.getItem(prefix + name);
    return text === null ? undefined : (JSON.parse(text) as Kept[K]);
  } catch {
    return undefined;
  }
}

/** Keeps a value, or forgets it when it is undefined. */
export function keep<K extends keyof Kept>(name: K, value: Kept[K] | undefined): void {
  try {
    if (value === undefined) sessionStorage.removeItem(prefix + name);
    else sessionStorage.setItem(prefix + name, JSON.stringify(value));
  } catch {
    // Storage is closed or full: the page itself still holds what was typed.
  }
}

/** The rights, each with its draft. */
const draftNames = [
  'access',
  'rectification',
  'erasure',
  'restriction',
  'portability',
  'objection',
  'withdrawal',
  'human_review',
] as const satisfies readonly Right[];

/** Whether this window holds something that the person has written or begun. */
export function keptAny(): boolean {
  const drafts = ['flow', 'standing', ...draftNames, 'messages'] as const;
  return drafts.some((name) => readKept(name) !== undefined);
}

/** Makes what this window keeps that of an address: what somebody else wrote here goes away. */
export function keepFor(email: string): void {
  const owner = readKept('owner');
  if (owner === email) return;
  const flow = readKept('flow');
  const standing = readKept('standing');
  if (owner !== undefined) forgetAll();
  keep('flow', flow);
  keep('standing', standing);
  keep('owner', email);
}

/** Forgets everything, when the person signs out. */
export function forgetAll(): void {
  try {
    for (const name of Object.keys(sessionStorage)) {
      if (name.startsWith(prefix)) sessionStorage.removeItem(name);
    }
  } catch {
    // Storage is closed: nothing was kept.
  }
}

type DraftName = (typeof draftNames)[number];

/** A draft that is kept at every change. */
export function useDraft<K extends DraftName>(
  name: K,
  empty: () => Kept[K],
): [Kept[K], (change: Partial<Kept[K]>) => void] {
  const [draft, setDraft] = useState<Kept[K]>(() => readKept(name) ?? empty());
  const change = useCallback(
    (part: Partial<Kept[K]>) => {
      setDraft((before) => {
        const after = { ...before, ...part };
        keep(name, after);
        return after;
      });
    },
    [name],
  );
  return [draft, change];
}
