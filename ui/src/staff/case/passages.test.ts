import { expect, test } from 'vitest';
import { characterAt, characters, everywhere, withoutPassages, withPassage } from './passages';

test('a place in the text field is a character of the text', () => {
  const text = characters('å😀b\r\nc');
  expect(text).toEqual(['å', '😀', 'b', '\r', '\n', 'c']);
  // A text field shows "å😀b\nc", whose units are counted.
  expect([0, 1, 3, 4, 5, 6].map((shown) => characterAt(text, shown))).toEqual([0, 1, 2, 3, 5, 6]);
});

test('what overlaps or touches becomes one passage', () => {
  const one = withPassage([], { from: 4, to: 8 });
  expect(withPassage(one, { from: 10, to: 12 })).toEqual([
    { from: 4, to: 8 },
    { from: 10, to: 12 },
  ]);
  expect(withPassage(one, { from: 8, to: 9 })).toEqual([{ from: 4, to: 9 }]);
  expect(
    withPassage(
      [
        { from: 0, to: 2 },
        { from: 4, to: 8 },
      ],
      { from: 1, to: 5 },
    ),
  ).toEqual([{ from: 0, to: 8 }]);
  expect(withPassage(one, { from: 0, to: 1 })[0]).toEqual({ from: 0, to: 1 });
});

test('every place is found at which the same stands', () => {
  const text = characters('Ola og Ola 😀 Ola');
  expect(everywhere(text, { from: 7, to: 10 })).toEqual([
    { from: 0, to: 3 },
    { from: 7, to: 10 },
    { from: 13, to: 16 },
  ]);
  expect(everywhere(characters('aaa'), { from: 0, to: 2 })).toEqual([{ from: 0, to: 2 }]);
  expect(everywhere(text, { from: 2, to: 2 })).toEqual([]);
});

test('a text without its passages', () => {
  const text = characters('Sa Ola det?');
  expect(withoutPassages(text, [{ from: 3, to: 6 }])).toEqual(['Sa ', null, ' det?']);
  expect(
    withoutPassages(text, [
      { from: 0, to: 3 },
      { from: 3, to: 11 },
    ]),
  ).toEqual([null, null]);
  expect(withoutPassages(text, [])).toEqual(['Sa Ola det?']);
});
