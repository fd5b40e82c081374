import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { api, type Schemas, unwrap } from '../api/client';
import { useText } from './text';

type Portal = Schemas['Portal'];

export const PortalContext = createContext<Portal | undefined>(undefined);

/** Asks who answers here. While another language is fetched, the page stays as it is. */
export function usePortalQuery() {
  const { locale } = useText();
  return useQuery({
    queryKey: ['portal', locale],
    queryFn: () => unwrap(api.GET('/portal')),
    staleTime: 60_000,
    placeholderData: (previous: Portal | undefined) => previous,
  });
}

/** Who answers here. */
export function usePortal(): Portal {
  const portal = useContext(PortalContext);
  if (!portal) throw new Error('usePortal is used outside the shell');
  return portal;
}

/** What the register says is kept and why, activity by activity. */
export function useRules() {
  const { locale } = useText();
  return useQuery({
    queryKey: ['rules', locale],
    queryFn: () => unwrap(api.GET('/rules', { params: { query: { locale } } })),
    staleTime: 300_000,
    select: (answer) => answer.rules,
  });
}
