import { Button, Heading, Link, Paragraph, Tag } from '@digdir/designsystemet-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Schemas } from '../../api/client';
import { handedOut } from '../../shared/disclosure';
import { LetterSections } from '../../shared/letter';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { type Case, previewQuery } from '../api';
import { can } from '../can';
import { WrongPerson } from '../parts/breach';
import { PrintLetter } from '../parts/paper';
import { answerText, outcomeText, usePersonsT, useT } from '../texts';
import { CorrectAnswerDialog } from './correct-answer';
import { PrintDialog } from './print';
import { Section } from './section';

type Level = 3 | 4;

interface LetterProps {
  c: Case;
  answer: Schemas['AnswerView'];
  level: Level;
  /** The officer's own words, where they are still being written. */
  own?: string;
  /** Everything is shown at once, as on paper. */
  open?: boolean;
}

/** The answer as the person sees it, on their page and in print. */
export function Letter({ c, answer, level, own = '', open }: LetterProps) {
  const { t, n } = usePersonsT(c.locale);
  const under = (level + 1) as 4 | 5;
  if (answer.letter) {
    return (
      <article className="letter stack" lang={c.locale}>
        <LetterSections letter={answer.letter} level={level} own={own} open={open ?? false} />
      </article>
    );
  }
  return (
    <article className="letter stack" lang={c.locale}>
      <Heading level={level} data-size="xs">
        {answer.title}
      </Heading>
      {answer.paragraphs.map((text) => (
        <Paragraph key={text}>{text}</Paragraph>
      ))}
      {own.trim() && <Paragraph className="own-words">{own.trim()}</Paragraph>}
      {answer.groups.length > 0 && (
        <ul className="letter-groups">
          {answer.groups.map((group) => (
            <li key={`${group.action}/${group.activity}/${group.text}`}>
              <p>
                <strong>{group.activity}</strong>{' '}
                <span className="under-inline">
                  {n('letter.rows', group.count, { action: t(answerText[group.action]) })}
                </span>
              </p>
              <p>{group.text}</p>
              {group.law && <p className="under">{group.law}</p>}
            </li>
          ))}
        </ul>
      )}
      <LetterList title={t('letter.searched')} level={under} lines={answer.searched ?? []} />
      <LetterList title={t('letter.disclosed')} level={under} lines={handedOut(answer.disclosed)} />
      <LetterList title={t('letter.recipients')} level={under} lines={answer.recipients ?? []} />
      {answer.complaint.map((text) => (
        <Paragraph key={text} data-size="sm">
          {text}
        </Paragraph>
      ))}
    </article>
  );
}

function LetterList({
  title,
  level,
  lines,
}: {
  title: string;
  level: 4 | 5;
  lines: readonly string[];
}) {
  if (lines.length === 0) return null;
  return (
    <div>
      <Heading level={level} data-size="2xs">
        {title}
      </Heading>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

/** The answer as it would stand now, fetched anew for each version of the decisions. */
export function PreviewLetter({ c, level, own = '' }: { c: Case; level: Level; own?: string }) {
  const preview = useQuery(previewQuery(c.id, c.log.length));
  if (preview.data) return <Letter c={c} answer={preview.data} level={level} own={own} />;
  if (preview.error)
    return <ProblemAlert error={preview.error} onRetry={() => preview.refetch()} />;
  return <Waiting />;
}

/** What was answered, and the package that goes with it. */
export function AnswerSection({ c }: { c: Case }) {
  const { t, n, date, size } = useT();
  const [printing, setPrinting] = useState(false);
  const [mending, setMending] = useState(false);
  const mend = can(c, 'correct_answer');
  const print = can(c, 'package');
  const pack = c.package;
  const letter = c.delivery === 'paper' ? c.answer : undefined;
  const parts = c.parts ?? [];
  if (!c.answer && !pack && !print.allowed && parts.length === 0) return null;
  return (
    <Section
      id="answer"
      title={t(c.answer ? 'answer.title' : 'print.title')}
      end={c.outcome && <Tag data-color="neutral">{t(outcomeText[c.outcome])}</Tag>}
    >
      {parts.map((part) => (
        <p className="package" key={part.number}>
          <span>{t('part.sent', { date: date(part.sent_at) })}</span>
          <span className="under-inline">
            {t(part.package.fetched ? 'part.fetched' : 'part.unfetched')}
          </span>
        </p>
      ))}
      {pack && (
        <p className="package">
          <span>{t(`package.${pack.state}`)}</span>
          {pack.size !== undefined && <span className="under-inline">{size(pack.size)}</span>}
          {pack.downloads_left !== undefined && pack.open_until && (
            <span className="under-inline">
              {n('package.left', pack.downloads_left, { until: date(pack.open_until) })}
            </span>
          )}
        </p>
      )}
      {(print.allowed || letter) && (
        <div className="buttons">
          {letter && (
            <PrintLetter c={c} label={c.reference}>
              <Letter c={c} answer={letter} level={3} open />
            </PrintLetter>
          )}
          {print.allowed && (
            <Button variant="secondary" data-size="sm" onClick={() => setPrinting(true)}>
              {t(c.delivery === 'paper' ? 'print.open.paper' : 'print.open')}
            </Button>
          )}
        </div>
      )}
      {c.answer && (
        <details className="ds-details plain">
          <summary>{t('answer.show')}</summary>
          <div className="ds-details__content">
            <Letter c={c} answer={c.answer} level={3} />
            {c.answer.letter && (
              <p>
                <Link href={`/api/v1/staff/cases/${c.id}/letter`} download={`${c.reference}.pdf`}>
                  {t('answer.pdf')}
                </Link>
              </p>
            )}
          </div>
        </details>
      )}
      {printing && <PrintDialog c={c} onClose={() => setPrinting(false)} />}
      {mend.allowed && (
        <div className="buttons">
          <Button variant="secondary" data-size="sm" onClick={() => setMending(true)}>
            {t('mend.open')}
          </Button>
        </div>
      )}
      {mending && <CorrectAnswerDialog c={c} onClose={() => setMending(false)} />}
      {c.answer && !c.drill && <WrongPerson c={c} />}
    </Section>
  );
}
