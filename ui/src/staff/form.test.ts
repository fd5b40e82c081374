import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/client';
import { fieldErrors, fieldId, filled, lineOf, offsetOfLine } from './form';

describe('the errors of a form', () => {
  it('lead from the pointer of a problem to the input', () => {
    expect(fieldId('settings', '/organisation/email')).toBe('settings-organisation-email');
    expect(fieldId('case', 'email')).toBe('case-email');
  });

  it('are those of the problem, in its order', () => {
    const error = new ApiError(422, {
      type: 'about:blank',
      title: 'Skjemaet har feil.',
      status: 422,
      code: 'invalid',
      errors: [{ field: '/email', code: 'email', message: 'Dette er ikke en e-postadresse.' }],
    });
    expect(fieldErrors('case', error)).toEqual([
      { field: 'case-email', message: 'Dette er ikke en e-postadresse.' },
    ]);
  });

  it('of a file are told line by line at its field', () => {
    const error = new ApiError(422, {
      type: 'about:blank',
      title: 'Beskrivelsen har feil.',
      status: 422,
      code: 'dataset_invalid',
      errors: [
        { field: '/dataset', code: 'dataset_invalid', message: 'Beskrivelsen har feil.' },
        { field: '/line/7', code: 'dataset_invalid', message: 'Ukjent nøkkel.' },
        { field: '/line/12', code: 'dataset_invalid', message: 'Ukjent kategori.' },
      ],
    });
    expect(fieldErrors('source', error)).toEqual([
      { field: 'source-dataset', message: '7: Ukjent nøkkel.' },
      { field: 'source-dataset', message: '12: Ukjent kategori.' },
    ]);
  });

  it('are none when the network was away', () => {
    expect(fieldErrors('case', new ApiError(0))).toEqual([]);
    expect(fieldErrors('case', undefined)).toEqual([]);
  });
});

describe('the line of a message about a file', () => {
  it.each([
    ['12: ukjent nøkkel', 12],
    ['Registeret har feil.', undefined],
  ])('of %j is %s', (message, line) => {
    expect(lineOf(message)).toBe(line);
  });

  it('is found in the text', () => {
    expect([1, 2, 3, 9].map((line) => offsetOfLine('a\nbb\nc', line))).toEqual([0, 2, 5, 6]);
  });
});

it('leaves empty values out of a body', () => {
  expect(filled('phone', '  ')).toEqual({});
  expect(filled('phone', ' 55 00 ')).toEqual({ phone: '55 00' });
});
