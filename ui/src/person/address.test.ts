import { expect, it } from 'vitest';
import { addressSlip } from './address';

it.each([
  ['', 'empty'],
  ['  ', 'empty'],
  ['ola', 'shape'],
  ['ola@', 'shape'],
  ['@example.no', 'shape'],
  ['ola@example', 'shape'],
  ['ola@example.', 'shape'],
  ['ola@ex ample.no', 'shape'],
  ['ola@@example.no', 'shape'],
  [`${'a'.repeat(250)}@b.no`, 'shape'],
  ['ola@example.no', undefined],
  [' Ola.Nordmann+x@post.example.no ', undefined],
  ['ola@blåbær.no', undefined],
])('%j: %s', (typed, slip) => {
  expect(addressSlip(typed)).toBe(slip);
});
