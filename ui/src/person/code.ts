/**
 * A mailed code as the server knows it: capital letters and figures of an alphabet without I, L, O
 * and U. What people type instead is read as what they meant; spaces and hyphens do not count.
 */
export function readCode(typed: string): string {
  return typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
}

/** A code in two halves, as the mail shows it. */
export function showCode(code: string): string {
  const half = Math.ceil(code.length / 2);
  return code.length < 6 ? code : `${code.slice(0, half)}-${code.slice(half)}`;
}
