import { Button, Checkbox, Dialog, Heading, Paragraph } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { api, unwrap } from '../../api/client';
import type { Case } from '../api';
import { can } from '../can';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { Failure, TextArea } from '../parts/form';
import { PrintLetter } from '../parts/paper';
import { useT } from '../texts';
import { nothingHeld } from '../todo';
import { PreviewLetter } from './letter';
import { PrintDialog } from './print';
import { at, useCaseAct } from './use-case';

/** Whether the case's address is known to be the person's. */
function provedAddress(c: Case): boolean {
  return c.identifiers.some(
    ({ kind, value, certainty }) =>
      (kind === 'email' || kind === 'asker_email') && certainty === 'verified' && value === c.email,
  );
}

/** Ways of knowing a person that also hold for a voice: a mailbox does not. */
const spoken = ['in_person', 'eid', 'known_facts'];

/** Send answer: exactly what the person will see, a few own words, and the button. */
export function SendDialog({ c, onClose }: { c: Case; onClose: () => void }) {
  const { t } = useT();
  const say = useNotice();
  const [text, setText] = useState('');
  const [posted, setPosted] = useState(false);
  const [missing, setMissing] = useState(false);
  const [orally, setOrally] = useState(false);
  const [unsaid, setUnsaid] = useState(false);
  const [printing, setPrinting] = useState(false);
  const paper = c.delivery === 'paper';
  const nothing = nothingHeld(c);
  // Then the words are for the case: why nobody asked for another way in.
  const why = nothing && !c.asked_older_contact;
  const send = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/answer', {
          ...at(c.id),
          body: {
            ...(nothing ? { outcome: 'nothing_found' as const } : {}),
            ...(text.trim() ? { text: text.trim() } : {}),
            ...(paper && !orally ? { sent_on_paper: true } : {}),
            ...(orally ? { answered_orally: true } : {}),
          },
        }),
      ),
    () => {
      say(t('send.done'));
      onClose();
    },
  );
  const submit = () => {
    const wordless = why && !text.trim();
    setUnsaid(wordless);
    const unposted = paper && !posted && !orally;
    setMissing(unposted);
    if (!wordless && !unposted) send.act();
  };
  const errors = unsaid
    ? [{ field: 'send-text', message: t('send.why.need') }]
    : fieldErrors('send', send.error);
  return (
    <Dialog
      open
      onClose={onClose}
      closeButton={t('shared.close')}
      aria-labelledby="send-title"
      className="wide-dialog"
    >
      <div className="stack">
        <Heading level={2} data-size="sm" id="send-title">
          {t(nothing ? 'send.title.nothing' : 'send.title')}
        </Heading>
        <Paragraph>{t(paper ? 'send.lead.paper' : 'send.lead')}</Paragraph>
        {paper && c.email && !provedAddress(c) && <Paragraph>{t('send.unproved')}</Paragraph>}
        <PreviewLetter c={c} level={3} own={why ? '' : text} />
        <TextArea
          id="send-text"
          label={t(why ? 'send.why' : 'send.own')}
          description={t(why ? 'send.why.help' : 'send.own.help')}
          rows={3}
          maxLength={10_000}
          value={text}
          onChange={setText}
          errors={errors}
        />
        {paper && (
          <div className="buttons">
            <PrintLetter c={c} label={c.reference}>
              <PreviewLetter c={c} level={3} own={why ? '' : text} />
            </PrintLetter>
            {can(c, 'package').allowed && (
              <Button variant="secondary" data-size="sm" onClick={() => setPrinting(true)}>
                {t('print.open.paper')}
              </Button>
            )}
          </div>
        )}
        {paper && (
          <Checkbox
            label={t('send.posted')}
            value="posted"
            checked={posted}
            onChange={(event) => setPosted(event.target.checked)}
            error={missing && t('send.posted.missing')}
          />
        )}
        {spoken.includes(c.identity.method ?? '') && (
          <Checkbox
            label={t('send.orally')}
            value="orally"
            checked={orally}
            onChange={(event) => setOrally(event.target.checked)}
          />
        )}
        <Failure error={send.error} fields={errors} />
        <div className="buttons">
          <Button loading={send.busy} onClick={submit}>
            {t(paper ? 'send.submit.paper' : 'send.submit')}
          </Button>
          <Button variant="secondary" onClick={onClose}>
            {t('common.cancel')}
          </Button>
        </div>
      </div>
      {printing && <PrintDialog c={c} onClose={() => setPrinting(false)} />}
    </Dialog>
  );
}
