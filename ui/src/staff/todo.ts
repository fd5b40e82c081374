import type { Case, FindingGroup } from './api';
import { can } from './can';
import { copies, type StaffKey } from './texts';

type Kind =
  | 'standing'
  | 'identity'
  | 'question'
  | 'source'
  | 'task'
  | 'hand'
  | 'files'
  | 'look'
  | 'decide'
  | 'correction'
  | 'candidate'
  | 'duty'
  | 'weigh'
  | 'lacking';

/** One thing that stands between the case and its answer, and where on the page it is done. */
export interface Todo {
  kind: Kind;
  /** The id of the element on the case page. */
  anchor: string;
  name: string;
  count: number;
}

/** Corrections are decided group by group; those without a group were described in words only. */
export function correctionGroups(c: Case): Set<string> {
  return new Set((c.corrections ?? []).flatMap((each) => (each.group ? [each.group] : [])));
}

/** What people call a group: its activity and its collection, once where both have one name. */
export function nameOf(group: FindingGroup, title = group.title): string {
  return title.startsWith(group.activity_name) ? title : `${group.activity_name}: ${title}`;
}

export function needsLook(group: FindingGroup): boolean {
  return Boolean(group.needs_look) && !group.confirmed;
}

export function undecided(group: FindingGroup): boolean {
  return group.decision.action === 'review';
}

/** What remains before the answer, in the order of the page. Only a guide: `can` decides. */
export function leftToDo(c: Case): Todo[] {
  if (c.answer || c.state === 'withdrawn' || c.state === 'purged') return [];
  const todos: Todo[] = [];
  const add = (kind: Todo['kind'], anchor: string, name: string, count: number) => {
    if (count > 0) todos.push({ kind, anchor, name, count });
  };
  // What it is stands on the page already, right above.
  const urgent = (c.duties ?? []).filter((duty) => duty.at_once);
  add('duty', `duty-${urgent[0]?.kind}`, '', urgent.length);
  const kind = c.standing?.kind;
  add('standing', 'standing', '', c.standing?.why_not && kind !== 'heir' ? 1 : 0);
  // A company is known by who signs for it, and whoever asks about the dead is refused whoever they are.
  add('identity', 'identity', '', c.verified || kind === 'company' || kind === 'heir' ? 0 : 1);
  for (const { id, name } of c.weigh ?? []) add('weigh', `weigh-${id}`, name, 1);
  add('lacking', 'lacking', '', c.lacking?.length ? 1 : 0);
  add('question', 'messages', '', c.question ? 1 : 0);
  for (const task of c.tasks) {
    add('task', `task-${task.id}`, task.place, task.state === 'open' ? 1 : 0);
    add('hand', `task-${task.id}`, task.place, byHand(c, task) ? 1 : 0);
    add('files', `task-${task.id}`, task.place, task.unseen ? 1 : 0);
  }
  for (const source of c.sources) {
    add('source', 'places', source.title, source.state === 'failed' ? 1 : 0);
  }
  if (!can(c, 'decide').allowed) return todos;
  const asked = correctionGroups(c);
  const open = new Set(
    (c.corrections ?? []).flatMap((k) => (k.decision === 'open' && k.group ? [k.group] : [])),
  );
  add('correction', 'corrections', '', open.size);
  for (const group of c.groups.filter((g) => !asked.has(g.id))) {
    const name = nameOf(group);
    if (undecided(group)) add('decide', `group-${group.id}`, name, 1);
    else if (needsLook(group)) add('look', `group-${group.id}`, name, 1);
  }
  add(
    'candidate',
    'identifiers',
    '',
    c.identifiers.filter((i) => i.certainty === 'candidate').length,
  );
  return todos;
}

/** Whether the search is over and nothing that is surely the person's was found anywhere. */
export function nothingHeld(c: Case): boolean {
  if (!c.verified || c.answer || !['review', 'awaiting_person'].includes(c.state)) return false;
  const found = c.groups.some((group) => !group.candidate && group.count > 0);
  const places = c.tasks.every((task) => task.state === 'nothing' || task.state === 'exception');
  const unread = c.sources.some(({ state }) => state === 'waiting' || state === 'failed');
  // What no way led into was not searched: where nothing was, there is nothing to say.
  const searched = c.sources.some(({ state }) => state === 'read');
  const looked = c.tasks.some((task) => task.state === 'nothing');
  return !found && places && !unread && (searched || looked);
}

/** A find that a person must correct or erase by hand, now that the plan is approved. */
export function byHand(c: Case, task: Case['tasks'][number]): boolean {
  return !copies(c.right) && task.state === 'found' && Boolean(c.plan?.approved_at);
}

/** Findings by activity and within it by source, in the order that the server gave. */
export function byActivity(groups: readonly FindingGroup[]): [string, FindingGroup[]][] {
  const found = new Map<string, FindingGroup[]>();
  for (const group of groups) {
    const list = found.get(group.activity_name);
    if (list) list.push(group);
    else found.set(group.activity_name, [group]);
  }
  for (const list of found.values()) list.sort((a, b) => a.place.localeCompare(b.place, 'nb'));
  return [...found];
}

/** Choosing anything but what is proposed is a departure and needs its reason. */
export function departs(group: FindingGroup, action: string): boolean {
  return group.proposal.action !== 'review' && group.proposal.action !== action;
}

/** Acts of a plan that leave the row as it is, or out of what is handed over. */
export const untouched: readonly string[] = ['keep', 'withhold'];

/** A plan that leaves every row as it is: all of it is kept or nothing was there, and nobody found anything by hand. */
export function idle(c: Case): boolean {
  if (c.tasks.some((task) => task.state === 'found')) return false;
  return c.plan?.counts.every((count) => untouched.includes(count.action)) ?? false;
}

/** What a confirmation of the plan leads to. */
export function thenText(c: Case): StaffKey {
  if (idle(c)) return 'look.then.idle';
  if (c.plan?.removes) return 'look.then.erasure';
  if (c.right === 'restriction') return 'look.then.restriction';
  return c.right === 'rectification' ? 'look.then.rectification' : 'look.then.write';
}
