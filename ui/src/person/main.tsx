import '../shared/theme.css';
import '../shared/accent.css';
import './person.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { onSignedOut } from '../api/client';
import { newQueryClient } from '../api/query';
import { TextProvider } from '../text/text';
import { takeLink } from './link';
import { router } from './router';
import { clearSession, isPersonal, rememberPlace } from './session';
import { personTexts } from './text';

/** The session is over: remember the page, take the person's data away, say so. */
function endSession(): void {
  const { pathname } = router.state.location;
  if (!isPersonal(pathname)) return;
  rememberPlace(pathname);
  clearSession(client, false);
  void router.navigate({ to: '/ended' });
}

if (location.pathname === '/verify') takeLink();
const client = newQueryClient();
onSignedOut(endSession);
const app = document.getElementById('app');
if (app) {
  createRoot(app).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <TextProvider loaders={personTexts}>
          <RouterProvider router={router} />
        </TextProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
