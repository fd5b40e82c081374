/** What text needs against its ground (WCAG 2.2, 1.4.3). */
const leastContrast = 4.5;

/** The contrast of a colour (#rrggbb) to white, from 1 to 21; nothing when it is no colour. */
export function contrastToWhite(colour: string): number | undefined {
  const digits = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour.trim());
  if (!digits) return undefined;
  const [r = 0, g = 0, b = 0] = digits.slice(1).map((pair) => {
    const part = Number.parseInt(pair, 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05);
}

/** What is wrong with a colour to be worn: it is none, or white text on it cannot be read. */
export function accentFault(colour: string): 'colour' | 'pale' | undefined {
  const contrast = contrastToWhite(colour);
  if (contrast === undefined) return 'colour';
  return contrast < leastContrast ? 'pale' : undefined;
}

/** Puts the organisation's colour on the pages; without one they wear their own. */
export function wear(accent: string | undefined): void {
  const root = document.documentElement;
  if (accent && accentFault(accent) === undefined) {
    root.style.setProperty('--accent', accent);
    root.dataset.accent = '';
  } else {
    root.style.removeProperty('--accent');
    delete root.dataset.accent;
  }
}
