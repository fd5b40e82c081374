import type { Right, Schemas } from '../api/client';
import { readKept } from './kept';

type Kind = Exclude<Schemas['Standing']['kind'], 'self' | 'agent' | 'contact_person'>;

/** The standings that are offered on the web, in the order of the page. */
export const standingKinds: readonly Kind[] = [
  'representative',
  'guardian',
  'parent',
  'child',
  'heir',
  'sole_proprietor',
  'company',
];

/** As what somebody asks, as far as it has been written in this window. */
export interface StandingDraft {
  right: Right;
  kind: Kind;
  child_age: '' | 'under' | 'over';
  asker_name: string;
  /** Of the one asked for. */
  name: string;
  email: string;
  phone: string;
  customer_number: string;
  organisation_number: string;
  authority: string;
}

export const emptyStanding = (right: Right): StandingDraft => ({
  right,
  kind: 'representative',
  child_age: '',
  asker_name: '',
  name: '',
  email: '',
  phone: '',
  customer_number: '',
  organisation_number: '',
  authority: '',
});

/** What was written about a request under a right; one that was begun about another does not count. */
export function keptStanding(right: Right): StandingDraft | undefined {
  const kept = readKept('standing');
  return kept?.right === right ? kept : undefined;
}

/** Whether the data are about somebody else than the one who asks. */
export function forWhom(kind: Kind): boolean {
  return !['child', 'sole_proprietor', 'company'].includes(kind);
}

/** Whether what was asked about is somebody else's, so that nothing of the asker's own is shown. */
export function apart(draft: StandingDraft | undefined): boolean {
  return draft !== undefined && (forWhom(draft.kind) || draft.kind === 'company');
}

const weights = [3, 2, 7, 6, 5, 4, 3, 2];

/** Nine digits, the last of which checks the others (modulus 11). */
export function isOrganisationNumber(typed: string): boolean {
  const digits = typed.replace(/\s/g, '').replace(/^NO/i, '').replace(/MVA$/i, '');
  if (!/^\d{9}$/.test(digits)) return false;
  const sum = weights.reduce((total, weight, place) => total + weight * Number(digits[place]), 0);
  return (11 - (sum % 11)) % 11 === Number(digits[8]);
}

/** The contract's shape of it, and the name of the one asked for. */
export function standingBody(draft: StandingDraft | undefined): Partial<Schemas['NewRequest']> {
  if (!draft) return {};
  const written = Object.fromEntries(
    (
      [
        'asker_name',
        'email',
        'phone',
        'customer_number',
        'organisation_number',
        'authority',
      ] as const
    )
      .filter((name) => apart(draft) || name === 'organisation_number')
      .map((name) => [name, draft[name].trim()] as const)
      .filter(([, value]) => value),
  );
  return {
    ...(forWhom(draft.kind) && draft.name.trim() ? { name: draft.name.trim() } : {}),
    standing: {
      kind: draft.kind,
      ...(draft.child_age ? { child_age: draft.child_age } : {}),
      ...written,
    },
  };
}

/** Whether the name of the one asked for is written already. */
export function named(right: Right): boolean {
  const standing = keptStanding(right);
  return standing !== undefined && forWhom(standing.kind);
}
