import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, unwrap } from '../../api/client';
import { CodeForm } from '../codeForm';
import { PersonPage } from '../personPage';
import { useText } from '../text';

/** As many characters as a mailed code has. */
const codeLength = 8;

/**
 * Where the mail to a contact on file leads. Whoever reads that mailbox says, by typing the code, that
 * the request is theirs. The page knows nothing of the request, and the link proves nothing.
 */
export function ConfirmContact() {
  const { t } = useText();
  const { id } = useParams({ from: '/confirm/$id' });
  const [done, setDone] = useState(false);
  if (done) {
    return (
      <PersonPage key="done" title={t('contact.done.title')}>
        <p>{t('contact.done.text')}</p>
      </PersonPage>
    );
  }
  return (
    <PersonPage title={t('contact.title')}>
      <p>{t('contact.text')}</p>
      <CodeForm
        codeLength={codeLength}
        submitLabel={t('contact.submit')}
        onCode={async (code) => {
          await unwrap(
            api.POST('/contacts/{id}/confirm', { params: { path: { id } }, body: { code } }),
          );
          setDone(true);
        }}
      />
      <p>{t('contact.notMe')}</p>
    </PersonPage>
  );
}
