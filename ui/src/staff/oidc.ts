/** On which a window that proved anew tells the page that waits for it. */
export const proofChannel = 'mininfo.proof';

/** Goes to the organisation's sign-in. */
export async function leave(start: Promise<{ url: string }>): Promise<void> {
  const { url } = await start;
  location.assign(url);
}
