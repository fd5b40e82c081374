import { describe, expect, it } from 'vitest';
import { apart, emptyStanding, isOrganisationNumber, standingBody } from './standing';

describe('organisation numbers', () => {
  it('have nine digits that check each other', () => {
    expect(isOrganisationNumber('310 000 019')).toBe(true);
    expect(isOrganisationNumber('NO310000019MVA')).toBe(true);
    for (const wrong of ['310000018', '31000001', '3100000190', '', 'abcdefghi', '013000019'])
      expect(isOrganisationNumber(wrong), wrong).toBe(false);
  });
});

describe('as what somebody asks', () => {
  it('is left out when they ask for themselves', () => {
    expect(standingBody(undefined)).toEqual({});
    expect(apart(undefined)).toBe(false);
  });
  it('says who the other one is', () => {
    const draft = {
      ...emptyStanding('access'),
      name: ' Kari ',
      asker_name: 'Siv',
      email: 'k@e.no',
    };
    expect(standingBody(draft)).toEqual({
      name: 'Kari',
      standing: { kind: 'representative', asker_name: 'Siv', email: 'k@e.no' },
    });
  });
  it('asks a child for its age and for nothing else', () => {
    const draft = {
      ...emptyStanding('access'),
      kind: 'child' as const,
      child_age: 'over' as const,
      email: 'left@over.no',
    };
    expect(standingBody(draft)).toEqual({ standing: { kind: 'child', child_age: 'over' } });
    expect(apart(draft)).toBe(false);
  });
});
