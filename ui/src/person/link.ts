export interface MailedLink {
  challenge: string;
  token: string;
}

let taken: MailedLink | undefined;

/** Reads "#<challenge>.<token>". */
export function parseLink(fragment: string): MailedLink | undefined {
  const match = /^#([0-9a-f]{32})\.([A-Za-z0-9_-]{10,100})$/.exec(fragment);
  return match?.[1] && match[2] ? { challenge: match[1], token: match[2] } : undefined;
}

/**
 * The mailed secret of this page's address. It is taken out of the address at once, so that it is
 * neither in the history nor read over a shoulder; after that it lives in this page's memory only.
 */
export function takeLink(): MailedLink | undefined {
  if (location.hash) {
    taken = parseLink(location.hash);
    history.replaceState(history.state, '', location.pathname);
  }
  return taken;
}

/** Forgets the secret, once it has been used. */
export function dropLink(): void {
  taken = undefined;
}

/** The secret goes in a header: neither in an address nor in what a form keeps. */
export const holder = (link: MailedLink) => ({
  headers: { Authorization: `Bearer ${link.challenge}.${link.token}` },
});
