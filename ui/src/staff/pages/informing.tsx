import { Button, Paragraph, Tag } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { informingQuery, usePermission } from '../api';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { TextArea } from '../parts/form';
import { useT } from '../texts';

type Informing = Schemas['PeopleToInform'];

/** People whose data came from others, and who are to be informed of it within a month (Art. 14). */
export function InformingPage() {
  const { t } = useT();
  const found = useQuery(informingQuery);
  const lists = found.data?.lists ?? [];
  return (
    <Page title={t('informing.title')} suffix={t('app.name')} size="md" className="stack">
      <Paragraph>{t('informing.text')}</Paragraph>
      <ProblemAlert error={found.error} onRetry={() => found.refetch()} />
      {found.isPending && <Waiting />}
      {found.data && lists.length === 0 && <Paragraph>{t('informing.none')}</Paragraph>}
      {lists.length > 0 && (
        <ul className="tasks">
          {lists.map((each) => (
            <Item key={each.id} item={each} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function Item({ item }: { item: Informing }) {
  const { t, n, date, instant } = useT();
  const may = usePermission('edit_register');
  return (
    <li className="task stack" data-look={item.done_at ? undefined : ''}>
      <p className="task-head">
        <strong>
          {item.activity}: {n('informing.people', item.people)}
        </strong>
        {item.done_at ? (
          <Tag data-color="success">{t('informing.done')}</Tag>
        ) : (
          <Tag data-color={item.late ? 'danger' : 'warning'}>
            {t(item.late ? 'informing.late' : 'informing.due', { due: date(item.due_on) })}
          </Tag>
        )}
      </p>
      <p className="under">
        {t('informing.days', { first: date(item.first_on), last: date(item.last_on) })}
      </p>
      {item.told && !item.done_at && (
        <p className="under own-words">{t('informing.told', { told: item.told })}</p>
      )}
      {item.done_at && (
        <p className="under own-words">
          {t('informing.by', { by: item.by ?? '', at: instant(item.done_at), how: item.how ?? '' })}
        </p>
      )}
      {!item.done_at && may && <Finish item={item} />}
    </li>
  );
}

function Finish({ item }: { item: Informing }) {
  const { t } = useT();
  const say = useNotice();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [how, setHow] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const finish = useAct(
    () =>
      unwrap(
        api.POST('/staff/informing/{id}', {
          params: { path: { id: item.id } },
          body: { how: how.trim() },
        }),
      ),
    (answer) => {
      client.setQueryData(informingQuery.queryKey, answer);
      say(t('informing.saved'));
    },
  );
  const field = `how-${item.id}`;
  if (!open) {
    return (
      <div className="buttons">
        <Button variant="secondary" data-size="sm" onClick={() => setOpen(true)}>
          {t('informing.do')}
          <span className="visually-hidden">: {item.activity}</span>
        </Button>
      </div>
    );
  }
  const save = () => {
    const slip = !how.trim();
    setErrors(slip ? [{ field, message: t('informing.need.how') }] : []);
    if (!slip) finish.act();
  };
  return (
    <div className="stack inset">
      <ProblemAlert error={finish.error} focus />
      <TextArea
        id={field}
        label={t('informing.how')}
        description={t('informing.how.help')}
        rows={3}
        maxLength={4_000}
        value={how}
        onChange={setHow}
        errors={errors}
      />
      <div className="buttons">
        <Button data-size="sm" loading={finish.busy} onClick={save}>
          {t('recipients.save')}
        </Button>
        <Button data-size="sm" variant="secondary" onClick={() => setOpen(false)}>
          {t('common.cancel')}
        </Button>
      </div>
    </div>
  );
}
