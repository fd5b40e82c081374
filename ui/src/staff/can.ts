import type { Schemas } from '../api/client';

/**
 * What a member may do with a case is the server's word alone (`Case.may`): the pages never look
 * at the state themselves. Each name is the last part of its operation in the contract.
 */
export type Act =
  | 'identity'
  | 'identifiers'
  | 'address'
  | 'collect'
  | 'decide'
  | 'plan'
  | 'approve'
  | 'answer'
  | 'part'
  | 'correct_answer'
  | 'package'
  | 'refuse'
  | 'drop_refusal'
  | 'authority'
  | 'answer_person'
  | 'extend'
  | 'pause'
  | 'reply'
  | 'receipt_date'
  | 'message'
  | 'assign'
  | 'resume'
  | 'withdraw'
  | 'task'
  | 'duty'
  | 'know';

export interface Leave {
  /** Whether the act exists at all in this state: if not, nothing of it is shown. */
  offered: boolean;
  allowed: boolean;
  /** What must happen before it is allowed, in the member's language. */
  whyNot?: string;
}

export function can(subject: { may: readonly Schemas['May'][] }, act: Act): Leave {
  const found = subject.may.find((m) => m.act === act);
  if (!found) return { offered: false, allowed: false };
  return {
    offered: true,
    allowed: found.allowed,
    ...(found.why_not && !found.allowed ? { whyNot: found.why_not } : {}),
  };
}

/** What a role gives, beyond single cases; the names are the server's. */
export type Permission =
  | 'file_on_behalf'
  | 'assign'
  | 'unmask'
  | 'collect'
  | 'approve'
  | 'read_sources'
  | 'manage_sources'
  | 'read_register'
  | 'edit_register'
  | 'read_members'
  | 'manage_members'
  | 'confirm_change'
  | 'read_settings'
  | 'edit_settings'
  | 'read_audit'
  | 'export_audit'
  | 'read_reports'
  | 'read_evidence'
  | 'report_breach'
  | 'read_breaches'
  | 'assess_breach';

export function holds(
  session: Schemas['StaffSession'] | undefined,
  permission: Permission,
): boolean {
  return session?.permissions.includes(permission) ?? false;
}
