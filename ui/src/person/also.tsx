import { Checkbox, Details, Fieldset } from '@digdir/designsystemet-react';
import type { Right } from '../api/client';
import { usePortal } from './portal';
import { apart, keptStanding } from './standing';
import { useText } from './text';

const others = ['access', 'portability', 'erasure'] as const satisfies readonly Right[];

interface Asked {
  also?: Right[];
}

interface Props {
  right: Right;
  draft: Asked;
  change: (part: Asked) => void;
}

/**
 * What can be asked for at once: each becomes a case of its own, and copies come first. It is folded
 * away, for most people ask for one thing.
 */
export function Also({ right, draft, change }: Props) {
  const { t } = useText();
  const { rights } = usePortal();
  const offered = others.filter((each) => each !== right && rights.includes(each));
  const chosen = draft.also ?? [];
  const other = apart(keptStanding(right));
  if (offered.length === 0) return null;
  return (
    <Details defaultOpen={chosen.length > 0}>
      <Details.Summary>{t('also.legend')}</Details.Summary>
      <Details.Content>
        <Fieldset>
          <Fieldset.Legend className="visually-hidden">{t('also.legend')}</Fieldset.Legend>
          <Fieldset.Description>{t('also.text')}</Fieldset.Description>
          {offered.map((each) => (
            <Checkbox
              key={each}
              value={each}
              label={t(other ? `right.${each}.case` : `right.${each}`)}
              checked={chosen.includes(each)}
              onChange={(event) =>
                change({
                  also: offered.filter((one) =>
                    one === each ? event.target.checked : chosen.includes(one),
                  ),
                })
              }
            />
          ))}
        </Fieldset>
      </Details.Content>
    </Details>
  );
}

/** What else is asked, in the contract's words. */
export function alsoOf(draft: Asked): Asked {
  return draft.also?.length ? { also: draft.also } : {};
}

/** What else is asked, said once more before it is sent. */
export function AlsoChosen({ right, draft }: { right: Right; draft: Asked }) {
  const { t } = useText();
  const other = apart(keptStanding(right));
  return draft.also?.map((each) => (
    <li key={each}>
      {t('also.chosen')} {t(other ? `right.${each}.case` : `right.${each}`)}
    </li>
  ));
}
