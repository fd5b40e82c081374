import { Button, Heading, Paragraph } from '@digdir/designsystemet-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { fieldErrors } from '../form';
import { Failure, TextInput } from '../parts/form';
import { makeKey, NoPasskey, passkeysHere } from '../passkey';
import { roleText, useT } from '../texts';

let taken: string | undefined;

/** The mailed secret leaves the address at once and lives in this page's memory only. */
function takeSecret(): string {
  if (location.hash) {
    taken = location.hash.slice(1);
    history.replaceState(history.state, '', location.pathname);
  }
  return taken ?? '';
}

const holder = (secret: string) => ({ headers: { Authorization: `Bearer ${secret}` } });

/** Where a mailed link leads: somebody who is invited, or has lost it, chooses how to sign in. */
export function JoinPage() {
  const { t } = useT();
  const [secret] = useState(takeSecret);
  const [way, setWay] = useState<'passkey' | 'password'>();
  const invited = useQuery({
    queryKey: ['join'],
    queryFn: () => unwrap(api.GET('/join', holder(secret))),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const client = useQueryClient();
  const enter = () => {
    taken = undefined;
    client.clear();
    location.replace('/staff');
  };
  const who = invited.data;
  const keys = who?.passkeys && passkeysHere();
  return (
    <Page title={t('join.title')} suffix={t('app.name')} className="sign-in stack">
      {invited.isPending && <Waiting />}
      <ProblemAlert error={invited.error} />
      {who && (
        <>
          <Paragraph>
            {t(who.recovery ? 'join.recovery' : 'join.lead', { org: who.organisation })}
          </Paragraph>
          <dl className="facts">
            <dt>{t('field.name')}</dt>
            <dd>{who.name}</dd>
            <dt>{t('field.email')}</dt>
            <dd className="break">{who.email}</dd>
            <dt>{t('members.roles')}</dt>
            <dd>{who.roles.map((role) => t(roleText[role])).join(', ')}</dd>
          </dl>
          {keys && way !== 'password' && (
            <KeyForm secret={secret} onDone={enter} onOther={() => setWay('password')} />
          )}
          {(!keys || way === 'password') && (
            <PasswordForm
              secret={secret}
              email={who.email}
              onDone={enter}
              {...(keys ? { onOther: () => setWay('passkey') } : {})}
            />
          )}
        </>
      )}
    </Page>
  );
}

interface WayProps {
  secret: string;
  onDone: () => void;
  onOther?: () => void;
}

function KeyForm({ secret, onDone, onOther }: WayProps) {
  const { t } = useT();
  const [name, setName] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const join = useMutation({
    mutationFn: async () => {
      const begun = await unwrap(
        api.POST('/join/start', { body: { way: 'passkey' }, ...holder(secret) }),
      );
      const credential = await makeKey(begun.options ?? {});
      return unwrap(
        api.POST('/join', { body: { id: begun.id, name, credential }, ...holder(secret) }),
      );
    },
    onSuccess: onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = name.trim() ? [] : [{ field: 'join-name', message: t('passkey.name.need') }];
    setMissing(found);
    if (found.length === 0) join.mutate();
  };
  const aborted = join.error instanceof NoPasskey;
  const errors = missing.length > 0 ? missing : fieldErrors('join', join.error);
  return (
    <section aria-labelledby="join-key">
      <form onSubmit={submit} noValidate className="stack form">
        <Heading level={2} data-size="xs" id="join-key">
          {t('join.passkey')}
        </Heading>
        <Paragraph>{t('passkey.lead')}</Paragraph>
        <Failure error={missing.length > 0 || aborted ? undefined : join.error} fields={errors} />
        <TextInput
          id="join-name"
          label={t('passkey.name')}
          description={t('passkey.name.help')}
          maxLength={60}
          value={name}
          onChange={setName}
          errors={errors}
        />
        <div role="status">{aborted && <Paragraph>{t('passkey.aborted')}</Paragraph>}</div>
        <div className="buttons">
          <Button type="submit" loading={join.isPending}>
            {t('passkey.add.submit')}
          </Button>
          <Button type="button" variant="tertiary" onClick={onOther}>
            {t('join.password.instead')}
          </Button>
        </div>
      </form>
    </section>
  );
}

function PasswordForm({ secret, email, onDone, onOther }: WayProps & { email: string }) {
  const { t } = useT();
  const begun = useQuery({
    queryKey: ['join', 'password'],
    queryFn: () =>
      unwrap(api.POST('/join/start', { body: { way: 'password' }, ...holder(secret) })),
    retry: false,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const join = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST('/join', {
          body: { id: begun.data?.id ?? '', password, code: code.replace(/\s/g, '') },
          ...holder(secret),
        }),
      ),
    onSuccess: onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found: FieldError[] = [];
    if (!password) found.push({ field: 'join-password', message: t('join.password.need') });
    if (code.replace(/\s/g, '').length < 6)
      found.push({ field: 'join-code', message: t('signin.need.code') });
    setMissing(found);
    if (found.length === 0) join.mutate();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('join', join.error);
  return (
    <section aria-labelledby="join-way">
      <form onSubmit={submit} noValidate className="stack form">
        <Heading level={2} data-size="xs" id="join-way">
          {t('join.password')}
        </Heading>
        <ProblemAlert error={begun.error} />
        <Failure error={missing.length > 0 ? undefined : join.error} fields={errors} />
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        <TextInput
          id="join-password"
          type="password"
          label={t('join.password.choose')}
          description={t('join.password.help')}
          autoComplete="new-password"
          value={password}
          onChange={setPassword}
          errors={errors}
        />
        {begun.isPending && <Waiting />}
        {begun.data?.totp_secret && (
          <div className="stack">
            <Paragraph>{t('join.app')}</Paragraph>
            <p>
              <code className="break" data-testid="totp">
                {begun.data.totp_secret.replace(/(.{4})/g, '$1 ').trim()}
              </code>
            </p>
            <p>
              <a href={begun.data.totp_url}>{t('join.app.open')}</a>
            </p>
          </div>
        )}
        <TextInput
          id="join-code"
          label={t('field.code')}
          description={t('join.code.help')}
          autoComplete="one-time-code"
          className="narrow"
          maxLength={12}
          value={code}
          onChange={setCode}
          errors={errors}
        />
        <div className="buttons">
          <Button type="submit" loading={join.isPending} disabled={!begun.data}>
            {t('join.submit')}
          </Button>
          {onOther && (
            <Button type="button" variant="tertiary" onClick={onOther}>
              {t('join.passkey.instead')}
            </Button>
          )}
        </div>
      </form>
    </section>
  );
}
