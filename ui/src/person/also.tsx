import { Checkbox, Fieldset } from '@digdir/designsystemet-react';
import type { Right } from '../api/client';
import type { ScopeDraft } from './kept';
import { usePortal } from './portal';
import { useText } from './text';

const others = ['access', 'portability', 'erasure'] as const satisfies readonly Right[];

interface Props {
  right: Right;
  draft: ScopeDraft;
  change: (part: Partial<ScopeDraft>) => void;
}

/** What can be asked for at once: each becomes a case of its own, and copies come first. */
export function Also({ right, draft, change }: Props) {
  const { t } = useText();
  const { rights } = usePortal();
  const offered = others.filter((each) => each !== right && rights.includes(each));
  const chosen = draft.also ?? [];
  return (
    <Fieldset>
      <Fieldset.Legend>{t('also.legend')}</Fieldset.Legend>
      <Fieldset.Description>{t('also.text')}</Fieldset.Description>
      {offered.map((each) => (
        <Checkbox
          key={each}
          value={each}
          label={t(`right.${each}`)}
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
  );
}

/** What a draft says to the contract beyond its name and its words. */
export function chosenOf(draft: ScopeDraft): {
  activities?: string[];
  also?: Right[];
} {
  return {
    ...(draft.all ? {} : { activities: draft.activities }),
    ...(draft.also?.length ? { also: draft.also } : {}),
  };
}
