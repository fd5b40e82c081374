import { Alert, Button, Heading, Paragraph } from '@digdir/designsystemet-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiError, api, type Schemas, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { LetterSections } from '../../shared/letter';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import type { Locale } from '../../text/format';
import { lettersQuery, settingsQuery, usePermission } from '../api';
import { useAct } from '../gate';
import {
  type Letters,
  lineMessages,
  merge,
  moved,
  type Placed,
  plain,
  same,
  startOf,
  unknownFields,
  type Wording,
  type Wordings,
  wordingsOf,
} from '../letters';
import { useNotice } from '../notice';
import { Failure, Pick, TextArea, TextInput } from '../parts/form';
import { YamlArea } from '../parts/yaml';
import { useT } from '../texts';

/** The organisation's own wording of letters, with the letter beside it as it would be read. */
export function LettersPage() {
  const { t } = useT();
  const letters = useQuery(lettersQuery);
  return (
    <Page
      title={t('letters.title')}
      suffix={t('app.name')}
      className="stack"
      over={
        <p className="crumb">
          <Link to="/settings" className="ds-link">
            {t('letters.back')}
          </Link>
        </p>
      }
    >
      <Paragraph className="readable">{t('letters.lead')}</Paragraph>
      <ProblemAlert error={letters.error} onRetry={() => letters.refetch()} />
      {letters.isPending && <Waiting />}
      {letters.data && <LettersWork letters={letters.data} />}
    </Page>
  );
}

function LettersWork({ letters }: { letters: Letters }) {
  const { t } = useT();
  const [asFile, setAsFile] = useState(Boolean(letters.problem));
  return (
    <>
      {letters.problem && (
        <Alert data-color="danger">
          <Heading level={2} data-size="xs">
            {t('letters.broken')}
          </Heading>
          <Paragraph>{letters.problem}</Paragraph>
        </Alert>
      )}
      {asFile ? <LettersFile letters={letters} /> : <LettersForm letters={letters} />}
      <div>
        <Button
          variant="tertiary"
          data-size="sm"
          disabled={asFile && Boolean(letters.problem)}
          onClick={() => setAsFile((now) => !now)}
        >
          {t(asFile ? 'letters.as_form' : 'letters.as_file')}
        </Button>
      </div>
    </>
  );
}

/** What the portal fills in of the case, in the order in which one looks for it. */
const fields = ['reference', 'name', 'received', 'due', 'answered', 'controller'] as const;

const key = (letter: string, locale: Locale) => `${letter}/${locale}`;

/** Saves the wording; the settings that it is part of are asked for again. */
function useSave(body: () => Schemas['LettersChange'], done: (answer: Letters) => void) {
  const { t } = useT();
  const client = useQueryClient();
  const say = useNotice();
  return useAct(
    () => unwrap(api.PUT('/staff/settings/letters', { body: body() })),
    (answer) => {
      client.setQueryData(lettersQuery.queryKey, answer);
      client.invalidateQueries({ queryKey: settingsQuery.queryKey });
      say(t('letters.saved'));
      done(answer);
    },
  );
}

function LettersForm({ letters }: { letters: Letters }) {
  const { t, locale } = useT();
  const client = useQueryClient();
  const mayEdit = usePermission('edit_settings');
  const [base, setBase] = useState({ version: letters.version, wordings: wordingsOf(letters) });
  const [mine, setMine] = useState<Wordings>(base.wordings);
  const [letter, setLetter] = useState('access');
  const [lang, setLang] = useState<Locale>(locale);
  const [wrong, setWrong] = useState<FieldError[]>([]);
  const kind = letters.letters.find((each) => each.letter === letter);
  const save = useSave(
    () => ({ version: base.version, wordings: Object.values(mine) }),
    (answer) => {
      setBase({ version: answer.version, wordings: wordingsOf(answer) });
      setMine(wordingsOf(answer));
    },
  );
  if (!kind) return null;
  const at = key(letter, lang);
  const own = mine[at];
  const shown = own ?? startOf(kind, lang);
  const change = (part: Partial<Wording>) => {
    setWrong([]);
    setMine((now) => {
      const next = { ...shown, ...part };
      const { [at]: _, ...rest } = now;
      return plain(kind, next) ? rest : { ...rest, [at]: next };
    });
  };
  const changePart = (part: string, to: Partial<Placed>) =>
    change({
      parts: shown.parts.map((each) => (each.part === part ? { ...each, ...to } : each)),
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    for (const each of Object.values(mine)) {
      const found = unknownFields(each, letters.placeholders).map(({ field, name }) => ({
        field: `letters-${field}`,
        message: t('letters.need.field', { name: `{${name}}` }),
      }));
      if (found.length === 0) continue;
      setLetter(each.letter);
      setLang(each.locale);
      setWrong(found);
      return;
    }
    setWrong([]);
    save.act();
  };
  const conflict = save.error instanceof ApiError && save.error.code === 'version_conflict';
  const takeIn = async () => {
    const theirs = await client.fetchQuery({ ...lettersQuery, staleTime: 0 });
    const now = wordingsOf(theirs);
    setMine(merge(base.wordings, mine, now));
    setBase({ version: theirs.version, wordings: now });
    save.reset();
  };
  const name = (part: string) =>
    kind.parts.find((each) => each.part === part)?.heading[lang] ?? part;
  const changed = !same(base.wordings, mine);
  return (
    <div className="letters-work">
      <form onSubmit={submit} noValidate className="stack form">
        <Failure error={wrong.length > 0 || conflict ? undefined : save.error} fields={wrong} />
        {conflict && (
          <Alert data-color="warning">
            <Paragraph>{t('letters.conflict')}</Paragraph>
            <div className="buttons">
              <Button variant="secondary" data-size="sm" onClick={takeIn}>
                {t('letters.take_in')}
              </Button>
            </div>
          </Alert>
        )}
        <div className="letters-choice">
          <Pick
            id="letters-letter"
            label={t('letters.letter')}
            value={letter}
            onChange={setLetter}
            options={letters.letters.map((each) => [
              each.letter,
              Object.values(mine).some((w) => w.letter === each.letter)
                ? t('letters.own', { name: each.name })
                : each.name,
            ])}
          />
          <Pick
            id="letters-locale"
            label={t('letters.locale')}
            value={lang}
            onChange={(value) => setLang(value as Locale)}
            options={[
              ['nb', 'Bokmål'],
              ['nn', 'Nynorsk'],
              ['en', 'English'],
            ]}
          />
        </div>
        <TextInput
          id="letters-title"
          label={t('letters.heading')}
          description={t('letters.heading.help')}
          maxLength={300}
          value={shown.title ?? ''}
          onChange={(title) => change({ title })}
          errors={wrong}
        />
        <details className="ds-details plain">
          <summary>{t('letters.fill')}</summary>
          <div className="ds-details__content">
            <dl className="letters-fill">
              {fields
                .filter((field) => letters.placeholders.includes(field))
                .map((field) => (
                  <div key={field}>
                    <dt>
                      <code>{`{${field}}`}</code>
                    </dt>
                    <dd>{t(`letters.fill.${field}`)}</dd>
                  </div>
                ))}
            </dl>
          </div>
        </details>
        <Heading level={2} data-size="xs">
          {t('letters.parts')}
        </Heading>
        <Paragraph>{t('letters.parts.help')}</Paragraph>
        <ol className="letters-parts">
          {shown.parts.map((part, i) => (
            <li key={part.part} className="section stack">
              <div className="section-head">
                <Heading level={3} data-size="2xs">
                  {name(part.part)}
                </Heading>
                <div className="buttons">
                  <Button
                    variant="tertiary"
                    data-size="sm"
                    disabled={i === 0}
                    onClick={() => change({ parts: moved(shown.parts, i, -1) })}
                  >
                    {t('letters.up')}
                    <span className="visually-hidden">: {name(part.part)}</span>
                  </Button>
                  <Button
                    variant="tertiary"
                    data-size="sm"
                    disabled={i === shown.parts.length - 1}
                    onClick={() => change({ parts: moved(shown.parts, i, 1) })}
                  >
                    {t('letters.down')}
                    <span className="visually-hidden">: {name(part.part)}</span>
                  </Button>
                </div>
              </div>
              <details
                className="ds-details plain"
                open={Boolean(part.heading || part.intro) || undefined}
              >
                <summary>
                  {t('letters.word')}
                  <span className="visually-hidden">: {name(part.part)}</span>
                </summary>
                <div className="ds-details__content stack">
                  <TextInput
                    id={`letters-${part.part}-heading`}
                    label={t('letters.part.heading')}
                    description={t('letters.part.heading.help', { name: name(part.part) })}
                    maxLength={300}
                    value={part.heading ?? ''}
                    onChange={(heading) => changePart(part.part, { heading })}
                    errors={wrong}
                  />
                  <TextArea
                    id={`letters-${part.part}-intro`}
                    label={t('letters.part.intro')}
                    description={t('letters.part.intro.help')}
                    rows={3}
                    maxLength={3000}
                    value={part.intro ?? ''}
                    onChange={(intro) => changePart(part.part, { intro })}
                    errors={wrong}
                  />
                </div>
              </details>
            </li>
          ))}
        </ol>
        <div className="buttons">
          <Button type="submit" loading={save.busy} disabled={!mayEdit || !changed}>
            {t('common.save')}
          </Button>
          {own && mayEdit && (
            <Button variant="secondary" onClick={() => change(startOf(kind, lang))}>
              {t('letters.reset')}
            </Button>
          )}
        </div>
      </form>
      <Preview wording={shown} />
    </div>
  );
}

/** How long after the last key the letter is shown anew; milliseconds. */
const pause = 400;

/** A value that follows another once that has stood still for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pause);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

function Preview({ wording }: { wording: Wording }) {
  const { t } = useT();
  const said = useSettled(JSON.stringify(wording));
  const preview = useQuery({
    queryKey: ['letter-preview', said],
    queryFn: () =>
      unwrap(api.POST('/staff/settings/letters/preview', { body: JSON.parse(said) as Wording })),
    placeholderData: keepPreviousData,
  });
  return (
    <section className="stack letters-preview" aria-labelledby="letters-preview">
      <Heading level={2} data-size="xs" id="letters-preview">
        {t('letters.preview')}
      </Heading>
      <Paragraph className="under">{t('letters.preview.help')}</Paragraph>
      <ProblemAlert error={preview.error} />
      {preview.isPending && <Waiting />}
      {preview.data && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <article className="letter stack" lang={wording.locale} tabIndex={0}>
          <LetterSections letter={preview.data} level={3} open />
        </article>
      )}
    </section>
  );
}

/** The wording as one file, for whoever keeps it elsewhere or has to mend it. */
function LettersFile({ letters }: { letters: Letters }) {
  const { t } = useT();
  const mayEdit = usePermission('edit_settings');
  const [body, setBody] = useState(letters.body);
  const save = useSave(
    () => ({ version: letters.version, body }),
    (answer) => setBody(answer.body),
  );
  const messages = lineMessages(save.error);
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.act();
      }}
    >
      {messages.length === 0 && <ProblemAlert error={save.error} focus />}
      <YamlArea
        id="letters-body"
        label={t('letters.file')}
        description={t('letters.file.help')}
        value={body}
        onChange={setBody}
        messages={messages}
      />
      <div className="buttons">
        <Button type="submit" loading={save.busy} disabled={!mayEdit || body === letters.body}>
          {t('common.save')}
        </Button>
      </div>
    </form>
  );
}
