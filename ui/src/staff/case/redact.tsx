import { Button, Heading, Paragraph, Tag, Textarea } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { errorOf, type FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import type { Case, Finding, FindingGroup } from '../api';
import { can } from '../can';
import { fieldErrors } from '../form';
import { Cancelled, useThrough } from '../gate';
import { useNotice } from '../notice';
import { ActDialog, Pick, TextArea } from '../parts/form';
import { copies, useT } from '../texts';
import {
  characterAt,
  characters,
  everywhere,
  type Passage,
  withoutPassages,
  withPassage,
} from './passages';
import { at, useCaseAct } from './use-case';

/** The texts of a row that passages can be taken out of: what needs it most comes first. */
export function redactable(row: Finding): Finding['fields'] {
  const weight = (marks: readonly string[] = []) =>
    ['changed', 'foreign', 'third_party', 'free_text'].findIndex((mark) => marks.includes(mark));
  const order = (field: Finding['fields'][number]) => {
    const found = weight(field.marks);
    return found < 0 ? 9 : found;
  };
  return row.fields
    .filter((field) => field.marks?.includes('redactable'))
    .sort((a, b) => order(a) - order(b));
}

/** Whether passages can be taken out of what was found now: the person is to get a copy. */
export function mayRedact(c: Case, group: FindingGroup): boolean {
  return copies(c.right) && !group.candidate && can(c, 'decide').allowed;
}

interface Props {
  c: Case;
  group: FindingGroup;
  row: Finding;
  onClose: () => void;
}

/** Takes passages out of a text: which text, which passages, on which ground, and what is left. */
export function RedactDialog(props: Props) {
  const { c, group, row, onClose } = props;
  const { t } = useT();
  const fields = redactable(row);
  const [name, setName] = useState(fields[0]?.name ?? '');
  const prove = useThrough();
  const text = useQuery({
    queryKey: ['text', c.id, group.id, row.id, name],
    queryFn: () =>
      prove(() =>
        unwrap(
          api.GET('/staff/cases/{id}/redactions', {
            params: {
              path: { id: c.id },
              query: { group: group.id, finding: row.id, field: name },
            },
          }),
        ),
      ),
    retry: false,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const declined = text.error instanceof Cancelled;
  useEffect(() => {
    if (declined) onClose();
  }, [declined, onClose]);
  const pick = (
    <Pick
      id="redact-field"
      label={t('redact.field')}
      value={name}
      onChange={setName}
      options={fields.map((each) => [each.name, each.label ?? each.name])}
    />
  );
  if (!text.data) {
    return (
      <ActDialog
        title={t('redact.title')}
        submit={t('redact.submit')}
        busy={false}
        disabled
        error={undefined}
        fields={[]}
        onSubmit={() => undefined}
        onCancel={onClose}
      >
        {pick}
        {text.error ? (
          <ProblemAlert error={text.error} onRetry={() => text.refetch()} />
        ) : (
          <Waiting />
        )}
      </ActDialog>
    );
  }
  return <Marking key={text.data.seen} {...props} field={name} pick={pick} text={text.data} />;
}

interface MarkingProps extends Props {
  field: string;
  pick: ReactNode;
  text: Schemas['RedactedText'];
}

function Marking({ c, group, row, onClose, field, pick, text }: MarkingProps) {
  const { t } = useT();
  const say = useNotice();
  const client = useQueryClient();
  const proposed = text.passages.length === 0;
  const [passages, setPassages] = useState<Passage[]>(() =>
    (proposed ? text.proposed : text.passages).reduce<Passage[]>(
      (list, { from, to }) => withPassage(list, { from, to }),
      [],
    ),
  );
  const [ground, setGround] = useState(text.ground ?? 'art_15_4');
  const [reason, setReason] = useState(text.reason ?? '');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const chars = characters(text.text);
  const done = (words: string) => () => {
    client.invalidateQueries({ queryKey: ['rows', c.id] });
    say(words);
    onClose();
  };
  const saving = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/redactions', {
          ...at(c.id),
          body: {
            group: group.id,
            finding: row.id,
            field,
            seen: text.seen,
            ...(text.standing ? { replaces: text.standing } : {}),
            passages,
            ground,
            reason: reason.trim(),
          },
        }),
      ),
    done(t('redact.saved')),
  );
  const back = useCaseAct(
    (redactionId: string) =>
      unwrap(
        api.DELETE('/staff/cases/{id}/redactions/{redactionId}', {
          params: { path: { id: c.id, redactionId } },
        }),
      ),
    done(t('redact.back.done')),
  );
  const submit = () => {
    const found: FieldError[] = [];
    if (passages.length === 0) {
      found.push({ field: 'redact-text', message: t('redact.need.passages') });
    }
    if (!ground) found.push({ field: 'redact-ground', message: t('group.need.ground') });
    if (!reason.trim()) found.push({ field: 'redact-reason', message: t('redact.need.reason') });
    setMissing(found);
    if (found.length === 0) saving.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('redact', saving.error);
  const standing = text.passages.length > 0 ? text.standing : undefined;
  return (
    <ActDialog
      title={t('redact.title')}
      submit={t('redact.submit')}
      busy={saving.busy || back.busy}
      error={missing.length > 0 ? undefined : (saving.error ?? back.error)}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('redact.text')}</Paragraph>
      {pick}
      {text.changed && <Tag data-color="warning">{t('redact.changed')}</Tag>}
      <Marker
        chars={chars}
        text={text.text}
        passages={passages}
        onChange={setPassages}
        proposed={proposed ? text.proposed : []}
        error={errorOf(errors, 'redact-text') ?? errorOf(errors, 'redact-passages')}
      />
      <Seen
        parts={withoutPassages(chars, passages)}
        mark={ground.endsWith('_quiet') ? '' : text.mark}
      />
      <Pick
        id="redact-ground"
        label={t('group.ground')}
        value={ground}
        onChange={setGround}
        errors={errors}
        options={[
          ['', t('common.pick')],
          ...c.choices.withhold_grounds.map(
            (g) => [g.key, [g.text, g.law].filter(Boolean).join(' – ')] as const,
          ),
        ]}
      />
      <TextArea
        id="redact-reason"
        label={t('redact.reason')}
        rows={2}
        maxLength={4_000}
        value={reason}
        onChange={setReason}
        errors={errors}
      />
      {standing && (
        <div>
          <Button
            variant="secondary"
            data-size="sm"
            loading={back.busy}
            onClick={() => back.act(standing)}
          >
            {t('redact.back')}
          </Button>
        </div>
      )}
    </ActDialog>
  );
}

interface MarkerProps {
  chars: readonly string[];
  text: string;
  passages: readonly Passage[];
  onChange: (next: Passage[]) => void;
  proposed: readonly Passage[];
  error: string | undefined;
}

/** The text to mark in, by mouse or keys, and the list of what is marked. */
function Marker({ chars, text, passages, onChange, proposed, error }: MarkerProps) {
  const { t, n } = useT();
  const area = useRef<HTMLTextAreaElement>(null);
  const list = useRef<HTMLElement>(null);
  const [nothing, setNothing] = useState(false);
  const heading = useId();
  const take = (all: boolean) => {
    const shown = area.current;
    const from = characterAt(chars, shown?.selectionStart ?? 0);
    const to = characterAt(chars, shown?.selectionEnd ?? 0);
    setNothing(from === to);
    if (from === to) {
      shown?.focus();
      return;
    }
    const found = all ? everywhere(chars, { from, to }) : [{ from, to }];
    onChange(found.reduce((now, each) => withPassage(now, each), [...passages]));
  };
  const drop = (index: number) => {
    onChange(passages.filter((_, i) => i !== index));
    list.current?.focus();
  };
  const said = nothing ? t('redact.need.selection') : error;
  return (
    <div className="stack redact">
      <div className="ds-field">
        <label className="ds-label" htmlFor="redact-text">
          {t('redact.whole')}
        </label>
        <p className="under" id={`${heading}-how`}>
          {t('redact.how')}
        </p>
        <Textarea
          id="redact-text"
          ref={area}
          aria-readonly
          inputMode="none"
          onBeforeInput={(event) => event.preventDefault()}
          rows={Math.min(10, Math.max(3, Math.ceil(text.length / 60)))}
          value={text}
          aria-describedby={`${heading}-how`}
          aria-invalid={said ? true : undefined}
        />
        {said && (
          <p className="ds-validation-message" role="alert">
            {said}
          </p>
        )}
      </div>
      <div className="buttons">
        <Button type="button" variant="secondary" data-size="sm" onClick={() => take(false)}>
          {t('redact.selected')}
        </Button>
        <Button type="button" variant="secondary" data-size="sm" onClick={() => take(true)}>
          {t('redact.everywhere')}
        </Button>
      </div>
      <section ref={list} tabIndex={-1} className="stack redact-list" aria-labelledby={heading}>
        <p className="ds-label" id={heading} role="status">
          {passages.length === 0 ? t('redact.none') : n('redact.count', passages.length)}
        </p>
        {passages.length > 0 && (
          <ul>
            {passages.map((each, i) => (
              <li key={`${each.from}-${each.to}`}>
                <span className="break">«{chars.slice(each.from, each.to).join('')}»</span>
                {proposed.some((p) => p.from >= each.from && p.to <= each.to) && (
                  <Tag data-color="info">{t('redact.proposed')}</Tag>
                )}
                <Button type="button" variant="tertiary" data-size="sm" onClick={() => drop(i)}>
                  {t('redact.remove')}
                  <span className="visually-hidden">
                    : {chars.slice(each.from, each.to).join('')}
                  </span>
                </Button>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

/** The text as the person will see it. */
function Seen({ parts, mark }: { parts: readonly (string | null)[]; mark: string }) {
  const { t } = useT();
  const id = useId();
  return (
    <section aria-labelledby={id} className="stack">
      <Heading level={3} data-size="2xs" id={id}>
        {t('redact.preview')}
      </Heading>
      <p className="own-words redact-preview">
        {parts.map((part, i) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts have no other name than their place
          part === null ? <mark key={i}>{mark}</mark> : <span key={i}>{part}</span>,
        )}
      </p>
    </section>
  );
}
