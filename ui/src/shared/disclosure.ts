import type { Schemas } from '../api/client';

/** What was given to whom, a line each: "Pakkelevering Norge AS, 4. mars 2026: Navn, adresse (Hjemlevering)". */
export function handedOut(list: Schemas['AnswerView']['disclosed'] = []): string[] {
  const lines = list.map((each) => {
    const who = [each.recipient, each.on].filter(Boolean).join(', ');
    const what = [each.what, each.basis && `(${each.basis})`].filter(Boolean).join(' ');
    return what ? `${who}: ${what}` : who;
  });
  return [...new Set(lines)];
}
