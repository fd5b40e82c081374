import { useEffect, useMemo, useState } from 'react';
import type { Right, Schemas } from '../api/client';
import type { Catalogue, Locale } from '../text/format';
import type { StaffKey } from '../text/staff.nb';
import { type Loaders, makeTexts, type Texts, useTexts } from '../text/text';

export type { StaffKey };

/** The texts of the staff's pages in the chosen language. */
export function useT() {
  return useTexts<StaffKey>();
}

/** Each language's catalogue is fetched when it is chosen. */
export const loaders: Loaders = {
  nb: () => import('../text/staff.nb').then((m) => m.default),
  nn: () => import('../text/staff.nn').then((m) => m.default),
  en: () => import('../text/staff.en').then((m) => m.default),
};

/** The texts in the language that the person is answered in; the member's own until they are there. */
export function usePersonsT(locale: Locale | undefined): Texts<StaffKey> {
  const own = useT();
  const [loaded, setLoaded] = useState<{ locale: Locale; catalogue: Catalogue }>();
  useEffect(() => {
    let current = true;
    if (locale && locale !== own.locale) {
      loaders[locale]().then(
        (catalogue) => current && setLoaded({ locale, catalogue }),
        () => undefined, // Without them the member's language stays on the screen.
      );
    }
    return () => {
      current = false;
    };
  }, [locale, own.locale]);
  return useMemo(
    () => (loaded && loaded.locale === locale ? makeTexts(loaded, () => undefined) : own),
    [loaded, locale, own],
  );
}

type Words<T extends string> = Readonly<Record<T, StaffKey>>;

export const rightText: Words<Right> = {
  access: 'right.access',
  rectification: 'right.rectification',
  erasure: 'right.erasure',
  restriction: 'right.restriction',
  portability: 'right.portability',
  objection: 'right.objection',
  withdrawal: 'right.withdrawal',
  human_review: 'right.human_review',
};

/** The rights in the order that people see them. */
export const rights = Object.keys(rightText) as readonly Right[];

/** Whether a right's answer carries a copy of the data. */
export const copies = (right: Right) => right === 'access' || right === 'portability';

/** Whether a right's plan may take data away: then two people look at it. */
export const removes = (right: Right) =>
  right === 'erasure' || right === 'objection' || right === 'withdrawal';

export const channelText: Words<Schemas['Channel']> = {
  web: 'channel.web',
  email: 'channel.email',
  letter: 'channel.letter',
  phone: 'channel.phone',
  counter: 'channel.counter',
  api: 'channel.api',
};

export const actionText: Words<Schemas['DecisionAction']> = {
  disclose: 'action.disclose',
  withhold: 'action.withhold',
  mask: 'action.mask',
  set: 'action.set',
  annotate: 'action.annotate',
  refuse: 'action.refuse',
  erase: 'action.erase',
  anonymise: 'action.anonymise',
  restrict: 'action.restrict',
  keep: 'action.keep',
  review: 'action.review',
};

export const answerText: Words<Schemas['AnswerGroup']['action']> = {
  disclosed: 'answer.disclosed',
  withheld: 'answer.withheld',
  redacted: 'answer.redacted',
  corrected: 'answer.corrected',
  annotated: 'answer.annotated',
  deleted: 'answer.deleted',
  anonymised: 'answer.anonymised',
  restricted: 'answer.restricted',
  kept: 'answer.kept',
  refused: 'answer.refused',
};

export const outcomeText: Words<Schemas['Outcome']> = {
  granted: 'outcome.granted',
  partly_granted: 'outcome.partly',
  assessed: 'outcome.assessed',
  refused: 'outcome.refused',
  nothing_found: 'outcome.nothing',
};

export const methodText: Words<Schemas['IdentityCheck']['method']> = {
  known_address: 'method.known_address',
  code_by_mail: 'method.code_by_mail',
  known_facts: 'method.known_facts',
  eid: 'method.eid',
  in_person: 'method.in_person',
  not_yet: 'method.not_yet',
};

export const standingText: Words<Schemas['Standing']['kind']> = {
  self: 'as.self',
  representative: 'as.representative',
  guardian: 'as.guardian',
  parent: 'as.parent',
  child: 'as.child',
  heir: 'as.heir',
  agent: 'as.agent',
  sole_proprietor: 'as.sole_proprietor',
  contact_person: 'as.contact_person',
  company: 'as.company',
};

/** Identifiers that the portal keeps itself, beside those that a member adds. */
export const ownIdentifierText = {
  asker_email: 'identifier.asker',
  organisation_number: 'identifier.organisation',
} as const satisfies Record<string, StaffKey>;

export const identifierText: Words<Schemas['NewIdentifier']['kind']> = {
  email: 'identifier.email',
  phone_number: 'identifier.phone',
  external_id: 'identifier.number',
  name: 'identifier.name',
  ip_address: 'identifier.ip',
};

export const roleText: Words<Schemas['Member']['roles'][number]> = {
  case_handler: 'role.case_handler',
  privacy_officer: 'role.privacy_officer',
  auditor: 'role.auditor',
  admin: 'role.admin',
};

/** The role that says most of what a member does here. */
export function mainRole(member: Pick<Schemas['Member'], 'roles'>): StaffKey | undefined {
  const order = ['privacy_officer', 'case_handler', 'auditor', 'admin'] as const;
  const role = order.find((each) => member.roles.includes(each));
  return role && roleText[role];
}

/** The words of a closed list, or the value itself when the server knows more than this page. */
export function wordOf<T extends string>(words: Words<T>, value: string): StaffKey | undefined {
  return Object.hasOwn(words, value) ? words[value as T] : undefined;
}

/** Whether a member can take cases: one who has left, or who only reads, cannot. */
export function canTake(member: Pick<Schemas['Member'], 'roles' | 'active'>): boolean {
  return member.active && member.roles.some((role) => role !== 'auditor');
}
