/**
 * Finds the slips people make in an e-mail address. It is no judge of addresses (the server is):
 * whatever passes here may still be refused there.
 */
export function addressSlip(typed: string): 'empty' | 'shape' | undefined {
  const address = typed.trim();
  if (address === '') return 'empty';
  if (address.length > 254 || /\s/.test(address)) return 'shape';
  const parts = address.split('@');
  const [local, domain] = parts;
  if (parts.length !== 2 || !local || !domain) return 'shape';
  const labels = domain.split('.');
  return labels.length < 2 || labels.some((label) => label === '') ? 'shape' : undefined;
}
