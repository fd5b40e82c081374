import { Heading, Paragraph } from '@digdir/designsystemet-react';
import type { Schemas } from '../api/client';

type View = Schemas['LetterView'];
type Block = Schemas['LetterBlock'];
type Level = 2 | 3 | 4 | 5 | 6;

interface Props {
  letter: View;
  /** Of the letter's title; its sections are one below. */
  level: 2 | 3 | 4;
  id?: string;
  /** Everything is shown at once, as on paper. */
  open?: boolean;
  /** The officer's own words, where they are still being written. */
  own?: string;
}

/**
 * An answer set up as a letter: the short answer first, and all the rest at once under it. Only what
 * is held for each purpose is folded; what was not done, and why, is never behind a click.
 */
export function LetterSections({ letter, level, id, open = false, own = '' }: Props) {
  const under = (level + 1) as Level;
  return (
    <>
      <Heading level={level} data-size="sm" id={id}>
        {letter.title}
      </Heading>
      <Facts facts={letter.facts} />
      {letter.greeting && <Paragraph>{letter.greeting}</Paragraph>}
      {letter.sections.map((section, i) => (
        <section key={section.part} className="letter-section">
          <Heading level={under} data-size="2xs">
            {section.heading}
          </Heading>
          {section.blocks.map((block, at) => {
            const shown = open || section.part !== 'data';
            // The blocks of a letter never change places.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            return <Piece key={at} block={block} open={shown} level={(under + 1) as Level} />;
          })}
          {i === 0 && own.trim() && <Paragraph className="own-words">{own.trim()}</Paragraph>}
        </section>
      ))}
      <Paragraph className="letter-closing">{letter.closing.join('\n')}</Paragraph>
    </>
  );
}

function Piece({ block, open, level }: { block: Block; open: boolean; level: Level }) {
  if (block.heading && block.facts && !open) {
    return (
      <details className="letter-purpose">
        <summary>{block.heading}</summary>
        <Facts facts={block.facts} />
      </details>
    );
  }
  return (
    <>
      {block.heading && (
        <Heading level={level} data-size="2xs">
          {block.heading}
        </Heading>
      )}
      {block.text && <Paragraph className={block.own ? 'own-words' : ''}>{block.text}</Paragraph>}
      {block.list && (
        <ul>
          {block.list.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {block.facts && <Facts facts={block.facts} />}
      {block.rows && <Rows head={block.head ?? []} rows={block.rows} />}
    </>
  );
}

function Facts({ facts }: { facts: readonly Schemas['LetterFact'][] }) {
  return (
    <dl className="letter-facts">
      {facts.map((fact) => (
        <div key={fact.label}>
          <dt>{fact.label}</dt>
          {fact.lines.map((line) => (
            <dd key={line}>{line}</dd>
          ))}
        </div>
      ))}
    </dl>
  );
}

/** A table one row below the other: easier to read on a phone and by ear. */
function Rows({ head, rows }: { head: readonly string[]; rows: readonly (readonly string[])[] }) {
  return (
    <ul className="letter-rows">
      {rows.map((row) => (
        <li key={row.join('/')}>
          <strong>{row[0]}</strong>
          <Facts
            facts={row
              .slice(1)
              .map((cell, i) => ({ label: head[i + 1] ?? '', lines: [cell] }))
              .filter((fact) => fact.lines[0])}
          />
        </li>
      ))}
    </ul>
  );
}
