import {
  Alert,
  Button,
  Checkbox,
  Fieldset,
  Heading,
  Paragraph,
  ValidationMessage,
} from '@digdir/designsystemet-react';
import { useState } from 'react';
import { api, type Right, type Schemas, unwrap } from '../../api/client';
import { errorOf, type FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import type { Case } from '../api';
import { can } from '../can';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { ActDialog, Pick, TextArea, TextInput } from '../parts/form';
import { methodText, rights, rightText, useT } from '../texts';
import { RefuseDialog } from './refuse';
import { ActButton, Section } from './section';
import { at, useCaseAct } from './use-case';

type Method = Schemas['NewAuthority']['method'];

const methods = ['eid', 'in_person', 'known_address', 'code_by_mail', 'known_facts'] as const;

/** Who asks for whom, and what lets them: shown when it is not the person for themselves. */
export function StandingSection({ c }: { c: Case }) {
  const { t } = useT();
  const [open, setOpen] = useState<'authority' | 'person'>();
  const who = c.standing;
  if (!who) return null;
  const facts = [
    [t('standing.name'), who.asker_name],
    [t('standing.organisation'), who.organisation_number],
    [t('standing.child'), who.child_text],
    [t('standing.words'), who.authority],
    [t('standing.how'), who.how_to_check],
    [t('standing.recorded'), who.recorded],
  ] as const;
  return (
    <Section id="standing" title={t('standing.title')} className={who.why_not ? 'callout' : ''}>
      <p>
        <strong>{who.text}</strong>
      </p>
      <dl className="facts">
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name} className="contents">
                <dt>{name}</dt>
                <dd className="own-words">{value}</dd>
              </div>
            ),
        )}
      </dl>
      {who.why_not && <Paragraph>{who.why_not}</Paragraph>}
      {who.to_person && <Paragraph>{t('standing.directed')}</Paragraph>}
      <div className="buttons">
        <ActButton
          may={can(c, 'authority')}
          variant={who.recorded ? 'tertiary' : 'secondary'}
          onClick={() => setOpen('authority')}
        >
          {t(who.recorded ? 'standing.record.again' : 'standing.record')}
        </ActButton>
        <ActButton
          may={can(c, 'answer_person')}
          variant="tertiary"
          onClick={() => setOpen('person')}
        >
          {t('standing.direct')}
        </ActButton>
      </div>
      {open === 'authority' && <AuthorityDialog c={c} onClose={() => setOpen(undefined)} />}
      {open === 'person' && <DirectDialog c={c} onClose={() => setOpen(undefined)} />}
    </Section>
  );
}

interface DialogProps {
  c: Case;
  onClose: () => void;
}

/** What was seen, until when it holds, and how whoever asks was known. */
function AuthorityDialog({ c, onClose }: DialogProps) {
  const { t } = useT();
  const say = useNotice();
  const choices = c.standing?.evidence ?? [];
  const [evidence, setEvidence] = useState(choices.length === 1 ? (choices[0]?.key ?? '') : '');
  const [method, setMethod] = useState('');
  const [until, setUntil] = useState('');
  const scoped = ['representative', 'agent', 'guardian'].includes(c.standing?.kind ?? '');
  const [covers, setCovers] = useState<readonly Right[]>([c.right]);
  const [note, setNote] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const record = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/authority', {
          ...at(c.id),
          body: {
            evidence,
            method: method as Method,
            note: note.trim(),
            rights: [...covers],
            ...(until ? { until } : {}),
          },
        }),
      ),
    () => {
      say(t('standing.done'));
      onClose();
    },
  );
  const submit = () => {
    const found: FieldError[] = [];
    if (!evidence)
      found.push({ field: 'authority-evidence', message: t('standing.need.evidence') });
    if (!method) found.push({ field: 'authority-method', message: t('standing.need.method') });
    if (covers.length === 0)
      found.push({ field: 'authority-rights', message: t('standing.need.covers') });
    if (!note.trim()) found.push({ field: 'authority-note', message: t('standing.need.note') });
    setMissing(found);
    if (found.length === 0) record.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('authority', record.error);
  return (
    <ActDialog
      title={t('standing.record')}
      submit={t('standing.submit')}
      busy={record.busy}
      error={missing.length > 0 ? undefined : record.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('standing.record.text')}</Paragraph>
      <Pick
        id="authority-evidence"
        label={t('standing.evidence')}
        value={evidence}
        onChange={setEvidence}
        errors={errors}
        options={[['', t('common.pick')], ...choices.map((each) => [each.key, each.text] as const)]}
      />
      <Pick
        id="authority-method"
        label={t('standing.method')}
        value={method}
        onChange={setMethod}
        errors={errors}
        options={[
          ['', t('common.pick')],
          ...methods.map((each) => [each, t(methodText[each])] as const),
        ]}
      />
      {scoped && (
        <Fieldset id="authority-rights" tabIndex={-1}>
          <Fieldset.Legend>{t('standing.covers')}</Fieldset.Legend>
          <Fieldset.Description>{t('standing.covers.help')}</Fieldset.Description>
          {rights.map((each) => (
            <Checkbox
              key={each}
              value={each}
              label={t(rightText[each])}
              checked={covers.includes(each)}
              onChange={({ target }) =>
                setCovers((now) =>
                  target.checked ? [...now, each] : now.filter((other) => other !== each),
                )
              }
            />
          ))}
          {errorOf(errors, 'authority-rights') && (
            <ValidationMessage>{errorOf(errors, 'authority-rights')}</ValidationMessage>
          )}
        </Fieldset>
      )}
      <TextInput
        id="authority-until"
        type="date"
        label={t('standing.until')}
        description={t('standing.until.help')}
        className="narrow"
        value={until}
        onChange={setUntil}
        errors={errors}
      />
      <TextArea
        id="authority-note"
        label={t('standing.note')}
        description={t('identity.note.help')}
        rows={2}
        maxLength={1_000}
        value={note}
        onChange={setNote}
        errors={errors}
      />
    </ActDialog>
  );
}

/** If in doubt, the answer goes to the person and not to the one who asks. */
function DirectDialog({ c, onClose }: DialogProps) {
  const { t } = useT();
  const say = useNotice();
  const [postal, setPostal] = useState(c.postal_address ?? '');
  const byMail = c.identifiers.some(
    (each) => each.kind === 'email' && each.certainty === 'verified',
  );
  const direct = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/answer-person', {
          ...at(c.id),
          body: postal.trim() ? { postal_address: postal.trim() } : {},
        }),
      ),
    () => {
      say(t('standing.directed'));
      onClose();
    },
  );
  const errors = fieldErrors('direct', direct.error);
  return (
    <ActDialog
      title={t('standing.direct')}
      submit={t('standing.direct.submit')}
      busy={direct.busy}
      error={direct.error}
      fields={errors}
      onSubmit={() => direct.act()}
      onCancel={onClose}
    >
      <Paragraph>{t('standing.direct.text')}</Paragraph>
      {!byMail && (
        <TextArea
          id="direct-postal_address"
          label={t('field.postal')}
          rows={2}
          maxLength={500}
          value={postal}
          onChange={setPostal}
          errors={errors}
        />
      )}
    </ActDialog>
  );
}

/** A refusal that lies ready: about somebody who has died, or proposed by one member. */
export function PreparedRefusal({ c }: { c: Case }) {
  const { t } = useT();
  const say = useNotice();
  const [open, setOpen] = useState(false);
  const ready = c.prepared_refusal;
  const drop = useCaseAct(
    () => unwrap(api.POST('/staff/cases/{id}/refuse/drop', at(c.id))),
    () => say(t('refuse.dropped')),
  );
  if (!ready || !can(c, 'refuse').offered) return null;
  return (
    <Alert data-color="info">
      <Heading level={2} data-size="xs">
        {t(ready.proposed ? 'refuse.proposed' : 'refuse.ready', { ground: ready.ground_text })}
      </Heading>
      <Paragraph className="own-words">{ready.text}</Paragraph>
      <ProblemAlert error={drop.error} />
      <div className="buttons">
        <Button data-size="sm" disabled={!can(c, 'refuse').allowed} onClick={() => setOpen(true)}>
          {t(ready.proposed ? 'refuse.approve' : 'refuse.look')}
        </Button>
        {ready.proposed && (
          <Button
            variant="secondary"
            data-size="sm"
            loading={drop.busy}
            disabled={!can(c, 'drop_refusal').allowed}
            onClick={() => drop.act()}
          >
            {t('refuse.drop')}
          </Button>
        )}
      </div>
      {open && <RefuseDialog c={c} onClose={() => setOpen(false)} />}
    </Alert>
  );
}
