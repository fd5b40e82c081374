import { useNavigate } from '@tanstack/react-router';
import { type ComponentProps, type ReactNode, useEffect } from 'react';
import { Page } from '../shared/page';
import { Waiting } from '../shared/waiting';
import { BackLink } from './back';
import { usePortal } from './portal';
import { type Me, rememberPlace, useMe } from './session';
import { Frame } from './shell';

type Props = Omit<ComponentProps<typeof Page>, 'suffix' | 'className'> & {
  /** Where the link back leads. */
  back?: string;
};

/** A page in the middle column, with the organisation's name in the window's title. */
export function PersonPage({ back, over, ...rest }: Props) {
  const { name } = usePortal();
  return (
    <Frame>
      <Page
        {...rest}
        suffix={name}
        className="stack"
        over={
          <>
            {back && <BackLink to={back} />}
            {over}
          </>
        }
      />
    </Frame>
  );
}

/** Shows its page to a person who is signed in; others sign in first and come back here. */
export function SignedInOnly({ children }: { children: (me: Me) => ReactNode }) {
  const me = useMe();
  const navigate = useNavigate();
  useEffect(() => {
    if (me !== null) return;
    rememberPlace(location.pathname);
    void navigate({ to: '/ended', replace: true });
  }, [me, navigate]);
  if (!me) {
    return (
      <Frame>
        <Waiting />
      </Frame>
    );
  }
  return children(me);
}
