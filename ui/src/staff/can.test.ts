import { describe, expect, it } from 'vitest';
import { can, holds } from './can';

const may = [
  { act: 'approve', allowed: false, why_not: 'Se på notatene først.' },
  { act: 'answer', allowed: true, why_not: 'left over' },
];

describe('can', () => {
  it('offers nothing that the server does not name', () => {
    expect(can({ may }, 'refuse')).toEqual({ offered: false, allowed: false });
  });

  it('gives the reason of what is not allowed, and of nothing else', () => {
    expect(can({ may }, 'approve')).toEqual({
      offered: true,
      allowed: false,
      whyNot: 'Se på notatene først.',
    });
    expect(can({ may }, 'answer')).toEqual({ offered: true, allowed: true });
  });
});

describe('holds', () => {
  const session = {
    member: { id: '', name: '', email: '', roles: [], active: true },
    permissions: ['read_audit'],
    expires_at: '',
    set_up_done: true,
  };

  it('knows the permissions of the session', () => {
    expect(holds(session, 'read_audit')).toBe(true);
    expect(holds(session, 'edit_register')).toBe(false);
    expect(holds(undefined, 'read_audit')).toBe(false);
  });
});
