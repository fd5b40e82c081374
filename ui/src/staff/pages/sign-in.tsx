import { Button, Heading, Paragraph } from '@digdir/designsystemet-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { Page } from '../../shared/page';
import { demoQuery, portalQuery, sessionQuery, signInQuery } from '../api';
import { fieldErrors } from '../form';
import { leave } from '../oidc';
import { Failure, TextInput } from '../parts/form';
import { NoPasskey, passkeysHere, signInWithPasskey } from '../passkey';
import { mainRole, useT } from '../texts';

/** The first thing that a stranger sees at /staff. */
export function SignInPage() {
  const { t } = useT();
  const portal = useQuery(portalQuery);
  const client = useQueryClient();
  return (
    <Page title={t('signin.title')} suffix={t('app.name')} className="sign-in stack">
      <Paragraph>{t('signin.lead', { org: portal.data?.name || t('app.name') })}</Paragraph>
      <SignInForm
        level={2}
        onDone={() => client.invalidateQueries({ predicate: (q) => q.queryKey[0] !== 'session' })}
      />
    </Page>
  );
}

interface SignInProps {
  onDone: () => void;
  level: 2 | 3;
}

/** The ways in: a passkey, password with code, and in the demo whom to play. */
export function SignInForm({ onDone, level }: SignInProps) {
  const portal = useQuery(portalQuery);
  const ways = useQuery(signInQuery);
  return (
    <>
      {portal.data?.demo && <DemoMembers onDone={onDone} level={level} />}
      {ways.data?.oidc && <OIDCWay />}
      <PasswordForm
        onDone={onDone}
        level={level}
        second={(portal.data?.demo || ways.data?.oidc) ?? false}
      />
      {ways.data?.passkeys && passkeysHere() && <PasskeyWay onDone={onDone} />}
    </>
  );
}

/** The organisation's own sign-in comes first where there is one. */
function OIDCWay() {
  const { t } = useT();
  const go = useMutation({
    mutationFn: () => leave(unwrap(api.POST('/staff/session/oidc/start'))),
  });
  return (
    <div className="stack">
      <Failure error={go.error} fields={[]} />
      <div className="buttons">
        <Button loading={go.isPending} onClick={() => go.mutate()}>
          {t('oidc.sign.in')}
        </Button>
      </div>
    </div>
  );
}

function PasskeyWay({ onDone }: Pick<SignInProps, 'onDone'>) {
  const { t } = useT();
  const client = useQueryClient();
  const signIn = useMutation({
    mutationFn: signInWithPasskey,
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      onDone();
    },
  });
  const aborted = signIn.error instanceof NoPasskey;
  return (
    <div className="stack other-way">
      <Failure error={aborted ? undefined : signIn.error} fields={[]} />
      <div role="status">{aborted && <Paragraph>{t('passkey.aborted')}</Paragraph>}</div>
      <div className="buttons">
        <Button variant="secondary" loading={signIn.isPending} onClick={() => signIn.mutate()}>
          {t('passkey.use')}
        </Button>
      </div>
    </div>
  );
}

function PasswordForm({ onDone, level, second }: SignInProps & { second: boolean }) {
  const { t } = useT();
  const client = useQueryClient();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const signIn = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST('/staff/session', {
          body: { email: email.trim(), password, code: code.replace(/\s/g, '') },
        }),
      ),
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found: FieldError[] = [];
    if (!email.includes('@'))
      found.push({ field: 'signin-email', message: t('signin.need.email') });
    if (!password) found.push({ field: 'signin-password', message: t('signin.need.password') });
    if (code.replace(/\s/g, '').length < 6) {
      found.push({ field: 'signin-code', message: t('signin.need.code') });
    }
    setMissing(found);
    if (found.length === 0) signIn.mutate();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('signin', signIn.error);
  const form = (
    <form onSubmit={submit} noValidate className="stack form">
      <Failure error={missing.length > 0 ? undefined : signIn.error} fields={errors} />
      <TextInput
        id="signin-email"
        type="email"
        label={t('field.email')}
        autoComplete="username"
        value={email}
        onChange={setEmail}
        errors={errors}
      />
      <TextInput
        id="signin-password"
        type="password"
        label={t('field.password')}
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        errors={errors}
      />
      <TextInput
        id="signin-code"
        label={t('field.code')}
        description={t('signin.code.help')}
        autoComplete="one-time-code"
        className="narrow"
        maxLength={12}
        value={code}
        onChange={setCode}
        errors={errors}
      />
      <div className="buttons">
        <Button type="submit" loading={signIn.isPending} variant={second ? 'secondary' : 'primary'}>
          {t('signin.submit')}
        </Button>
      </div>
    </form>
  );
  if (!second) return form;
  return (
    <section className="stack" aria-labelledby="signin-password-title">
      <Heading level={level} data-size="xs" id="signin-password-title">
        {t('signin.password.title')}
      </Heading>
      {form}
    </section>
  );
}

/** In the demo one person plays both members, so that an erasure can be approved by a second. */
function DemoMembers({ onDone, level }: SignInProps) {
  const { t } = useT();
  const demo = useQuery(demoQuery);
  const play = usePlay(onDone);
  return (
    <section className="stack demo" aria-labelledby="signin-demo-title">
      <Heading level={level} data-size="xs" id="signin-demo-title">
        {t('demo.title')}
      </Heading>
      <Paragraph>{t('demo.text')}</Paragraph>
      <Failure error={play.error ?? demo.error} fields={[]} />
      <ul className="choices">
        {demo.data?.members.map((member, place) => (
          <li key={member.id}>
            <Button
              data-size="md"
              variant={place === 0 ? 'primary' : 'secondary'}
              loading={play.isPending && play.variables === member.id}
              onClick={() => play.mutate(member.id)}
            >
              {t('demo.enter', {
                name: member.name,
                role: t(mainRole(member) ?? 'role.case_handler'),
              })}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Becomes a member of the demo company. */
export function usePlay(onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (member: string) => unwrap(api.POST('/demo/sign-in', { body: { member } })),
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      onDone();
    },
  });
}
