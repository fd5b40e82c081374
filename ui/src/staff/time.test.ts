import { describe, expect, it } from 'vitest';
import { osloInstant, osloWall } from './time';

describe('a Norwegian clock', () => {
  it.each([
    ['winter', '2026-01-15', '09:30', '2026-01-15T08:30:00.000Z'],
    ['summer', '2026-07-15', '09:30', '2026-07-15T07:30:00.000Z'],
    ['midnight belongs to the new day', '2026-03-01', '00:00', '2026-02-28T23:00:00.000Z'],
    ['the hour that comes twice is the first', '2026-10-25', '02:30', '2026-10-25T00:30:00.000Z'],
    [
      'the hour that is skipped is after the change',
      '2026-03-29',
      '02:30',
      '2026-03-29T01:30:00.000Z',
    ],
  ])('reads %s', (_, date, time, instant) => {
    expect(osloInstant(date, time)?.toISOString()).toBe(instant);
  });

  it('takes noon when no time of day is known', () => {
    expect(osloInstant('2026-01-15', '')?.toISOString()).toBe('2026-01-15T11:00:00.000Z');
  });

  it.each(['', '15.01.2026', '2026-13-01', '26-01-15'])('does not take %j for a date', (date) => {
    expect(osloInstant(date, '10:00')).toBeUndefined();
  });

  it('shows an instant as the form fields want it', () => {
    expect(osloWall(new Date('2026-07-15T22:05:00Z'))).toEqual({
      date: '2026-07-16',
      time: '00:05',
    });
  });
});
