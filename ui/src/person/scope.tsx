import { Checkbox, Fieldset, Radio } from '@digdir/designsystemet-react';
import type { ReactNode } from 'react';
import type { Right, Schemas } from '../api/client';
import { newKey } from '../api/client';
import { ProblemAlert } from '../shared/problem';
import { Waiting } from '../shared/waiting';
import type { ScopeDraft } from './kept';
import { useRules } from './portal';
import { apart, keptStanding } from './standing';

export type Rule = Schemas['ErasureRule'];

export const emptyScope = (): ScopeDraft => ({
  all: true,
  activities: [],
  text: '',
  name: '',
  key: newKey(),
});

interface Props {
  draft: ScopeDraft;
  change: (part: Partial<ScopeDraft>) => void;
  legend: string;
  allLabel: string;
  partLabel: string;
  partsLegend: string;
  error?: string;
  /** Which parts can be chosen; none said: all. */
  fits?: (rule: Rule) => boolean;
  /** What is said under each part. */
  explain?: (rule: Rule) => ReactNode;
}

/** «All that you hold», of oneself or of the one asked for. */
export const allOf = (right: 'access' | 'restriction') =>
  apart(keptStanding(right)) ? 'scope.all.other' : everything[right];

const everything = { access: 'access.all', restriction: 'restriction.all' } as const;

/** The parts that a right exists for. */
export const has =
  (right: Right) =>
  (rule: Rule): boolean =>
    rule.rights.includes(right);

/** Everything, or some of the register's activities. */
export function Scope({
  draft,
  change,
  legend,
  allLabel,
  partLabel,
  partsLegend,
  error,
  fits,
  explain,
}: Props) {
  return (
    <>
      <Fieldset>
        <Fieldset.Legend>{legend}</Fieldset.Legend>
        <Radio
          name="scope"
          value="all"
          label={allLabel}
          checked={draft.all}
          onChange={() => change({ all: true })}
        />
        <Radio
          name="scope"
          value="part"
          label={partLabel}
          checked={!draft.all}
          onChange={() => change({ all: false })}
        />
      </Fieldset>
      {!draft.all && (
        <Parts
          draft={draft}
          change={change}
          legend={partsLegend}
          {...(error ? { error } : {})}
          {...(fits ? { fits } : {})}
          {...(explain ? { explain } : {})}
        />
      )}
    </>
  );
}

type PartsProps = Pick<Props, 'draft' | 'change' | 'error' | 'fits' | 'explain'> & {
  legend: string;
};

export function Parts({ draft, change, legend, error, fits, explain }: PartsProps) {
  const { data: all, error: failure, refetch } = useRules();
  const rules = all?.filter((rule) => !fits || fits(rule));
  if (failure) return <ProblemAlert error={failure} onRetry={() => void refetch()} />;
  if (!rules) return <Waiting />;
  const toggle = (activity: string, on: boolean) =>
    change({
      activities: rules
        .map((rule) => rule.activity)
        .filter((each) => (each === activity ? on : draft.activities.includes(each))),
    });
  return (
    <Fieldset>
      <Fieldset.Legend>{legend}</Fieldset.Legend>
      {rules.map((rule, index) => (
        <Checkbox
          key={rule.activity}
          {...(index === 0 ? { id: 'parts' } : {})}
          value={rule.activity}
          label={rule.name}
          description={explain ? explain(rule) : rule.purpose}
          checked={draft.activities.includes(rule.activity)}
          onChange={(event) => toggle(rule.activity, event.target.checked)}
        />
      ))}
      {error && <Invalid>{error}</Invalid>}
    </Fieldset>
  );
}

export function Invalid({ children }: { children: ReactNode }) {
  return (
    <p className="ds-validation-message" data-field="validation" data-color="danger">
      {children}
    </p>
  );
}

/** The chosen parts, in the contract's words; everything is said by saying none. */
export function partsOf(draft: ScopeDraft): { activities?: string[] } {
  return draft.all ? {} : { activities: draft.activities };
}

/** What is wrong with a scope: a part was meant, but none is chosen. */
export function scopeSlip(draft: ScopeDraft): boolean {
  return !draft.all && draft.activities.length === 0;
}

const ruleOrder: Record<Rule['outcome'], number> = {
  erase: 0,
  partly: 1,
  restrict: 2,
  review: 3,
  keep: 4,
};

/** The rules that a scope touches, what is deleted first. */
export function rulesFor(draft: ScopeDraft, rules: readonly Rule[]): Rule[] {
  return rules
    .filter((rule) => draft.all || draft.activities.includes(rule.activity))
    .sort((a, b) => ruleOrder[a.outcome] - ruleOrder[b.outcome]);
}
