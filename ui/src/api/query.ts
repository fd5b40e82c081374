import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './client';

/** The cache of answers. Reading is tried again when the network was away; nothing else is. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        networkMode: 'always',
        retry: (failures, error) => error instanceof ApiError && error.offline && failures < 2,
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}
