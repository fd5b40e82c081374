import '../shared/theme.css';
import './staff.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { newQueryClient } from '../api/query';
import { TextProvider } from '../text/text';
import { newRouter } from './routes';
import { loaders } from './texts';

const client = newQueryClient();
const router = newRouter();
const app = document.getElementById('app');
if (app) {
  createRoot(app).render(
    <QueryClientProvider client={client}>
      <TextProvider loaders={loaders}>
        <RouterProvider router={router} />
      </TextProvider>
    </QueryClientProvider>,
  );
}
