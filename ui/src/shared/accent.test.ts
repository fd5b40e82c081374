import { afterEach, expect, it } from 'vitest';
import { accentFault, contrastToWhite, wear } from './accent';

afterEach(() => wear(undefined));

it('measures contrast as WCAG does', () => {
  expect(contrastToWhite('#000000')).toBeCloseTo(21, 5);
  expect(contrastToWhite('#ffffff')).toBeCloseTo(1, 5);
  expect(contrastToWhite('#767676')).toBeGreaterThan(4.5);
  expect(contrastToWhite('#777777')).toBeLessThan(4.5);
});

it('says what is wrong with a colour', () => {
  expect(accentFault('#0b6a53')).toBeUndefined();
  expect(accentFault('#FFD200')).toBe('pale');
  for (const none of ['green', '#12345', '#12345g', 'url(//x)', '']) {
    expect(accentFault(none)).toBe('colour');
  }
});

it('wears a colour that can be read, and takes it off', () => {
  const root = document.documentElement;
  wear('#0b6a53');
  expect(root.style.getPropertyValue('--accent')).toBe('#0b6a53');
  expect(root.hasAttribute('data-accent')).toBe(true);
  wear('#ffd200');
  expect(root.style.getPropertyValue('--accent')).toBe('');
  expect(root.hasAttribute('data-accent')).toBe(false);
});
