import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Catalogue } from './format';
import personEn from './person.en';
import personNb from './person.nb';
import personNn from './person.nn';
import { sharedEn } from './shared.en';
import { sharedNb } from './shared.nb';
import { sharedNn } from './shared.nn';
import staffEn from './staff.en';
import staffNb from './staff.nb';
import staffNn from './staff.nn';

const source = join(import.meta.dirname, '..');

function code(folder: string): string {
  return readdirSync(join(source, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.test)\.tsx?$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

/** The keys that stand in the code, and the beginnings of those that are put together there. */
function uses(text: string): (key: string) => boolean {
  const literal = new Set([...text.matchAll(/['"`]([a-zA-Z][\w.]*)['"`]/g)].map((m) => m[1]));
  const pattern = [...text.matchAll(/`([a-zA-Z][\w.]*[._])\$\{[^}]*\}([\w.]*)`/g)];
  return (key) =>
    literal.has(key) ||
    literal.has(key.replace(/_(one|other)$/, '')) ||
    pattern.some(([, start, end]) => key.startsWith(start ?? '') && key.endsWith(end ?? ''));
}

function places(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '').sort();
}

interface App {
  name: string;
  folders: string[];
  nb: Catalogue;
  nn: Catalogue;
  en: Catalogue;
  /** Keys of the catalogue that other folders use. */
  inherited: Catalogue;
}

const apps: App[] = [
  {
    name: 'shared',
    folders: ['shared', 'person', 'staff'],
    nb: sharedNb,
    nn: sharedNn,
    en: sharedEn,
    inherited: {},
  },
  {
    name: 'person',
    folders: ['person'],
    nb: personNb,
    nn: personNn,
    en: personEn,
    inherited: sharedNb,
  },
  { name: 'staff', folders: ['staff'], nb: staffNb, nn: staffNn, en: staffEn, inherited: sharedNb },
];

describe.each(apps)('the texts of $name', ({ folders, nb, nn, en, inherited }) => {
  it('are complete in nynorsk and English', () => {
    expect(Object.keys(nn).sort()).toEqual(Object.keys(nb).sort());
    expect(Object.keys(en).sort()).toEqual(Object.keys(nb).sort());
  });

  it('say something in every language', () => {
    const empty = [nb, nn, en].flatMap((c) => Object.keys(c).filter((key) => !c[key]?.trim()));
    expect(empty).toEqual([]);
  });

  it('have the same places to fill in every language', () => {
    const different = Object.keys(nb).filter((key) => {
      const want = String(places(nb[key] ?? ''));
      return String(places(nn[key] ?? '')) !== want || String(places(en[key] ?? '')) !== want;
    });
    expect(different).toEqual([]);
  });

  it('are all used', () => {
    const used = uses(folders.map(code).join('\n'));
    const unused = Object.keys(nb).filter((key) => !(key in inherited) && !used(key));
    expect(unused).toEqual([]);
  });

  it('have both forms of what is counted', () => {
    const other = (key: string) =>
      key.endsWith('_one') ? key.replace(/_one$/, '_other') : key.replace(/_other$/, '_one');
    const lone = Object.keys(nb).filter((key) => /_(one|other)$/.test(key) && !(other(key) in nb));
    expect(lone).toEqual([]);
  });
});
