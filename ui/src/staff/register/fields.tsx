import {
  Button,
  Checkbox,
  Field as DsField,
  Fieldset,
  Input,
  Label,
  Select,
  Textarea,
  Textfield,
  ValidationMessage,
} from '@digdir/designsystemet-react';
import { type ReactNode, useState } from 'react';
import type { Schemas } from '../../api/client';
import type { Locale } from '../../text/format';
import type { StaffKey } from '../texts';
import { useT } from '../texts';
import { asLine, asList, asPart, type Text } from './document';
import type { Field, Fields, Names, Part, Shape } from './shape';

export type Finding = Schemas['RegisterCheck']['findings'][number];

/** What the fields need beside their values. */
export interface Setting {
  findings: readonly Finding[];
  /** What can be picked of each list, in the member's language. */
  names: Readonly<Record<Names, readonly (readonly [key: string, text: string])[]>>;
  countries: readonly (readonly [code: string, text: string])[];
}

interface Place<T = unknown> {
  /** JSON pointer into the document. */
  at: string;
  value: T;
  onChange: (value: unknown) => void;
  setting: Setting;
}

/** The id of a field's input. */
export const inputId = (pointer: string) => `register-document${pointer.replaceAll('/', '-')}`;

/** What is said of a field: of it alone, or of all that is in it. */
function saidOf({ findings }: Setting, at: string, within: boolean): Finding[] {
  return findings.filter(({ field }) => field === at || (within && field.startsWith(`${at}/`)));
}

/** Whether the register cannot be saved while it is so: a value that cannot stand, or a contradiction. */
export const refuses = ({ severity }: Finding) =>
  severity === 'wrong' || severity === 'contradicts';

const rank = {
  wrong: 'danger',
  contradicts: 'danger',
  blocks: 'warning',
  warns: 'info',
} as const;

function Said({ findings }: { findings: readonly Finding[] }) {
  const { t } = useT();
  return [...new Map(findings.map((each) => [each.text, each])).values()].map((each) => (
    <ValidationMessage key={each.text} data-color={rank[each.severity]}>
      {each.severity === 'contradicts' && <strong>{t('register.contradicts')}: </strong>}
      {each.severity === 'blocks' && <strong>{t('register.blocks')}: </strong>}
      {each.text}
    </ValidationMessage>
  ));
}

/** All fields of a part that say something beside each other. */
export function PartFields({ fields, ...place }: Place<Part> & { fields: Fields }) {
  return fields
    .filter(({ when }) => !when || when(place.value))
    .map((field) => (
      <OneField
        key={field.key}
        field={field}
        at={`${place.at}/${field.key}`}
        value={place.value[field.key]}
        onChange={(value) => place.onChange({ ...place.value, [field.key]: value })}
        setting={place.setting}
      />
    ));
}

function OneField({ field, ...place }: Place & { field: Field }) {
  const { t } = useT();
  const { shape } = field;
  const label = t(field.label);
  const help = field.help && t(field.help);
  switch (shape.kind) {
    case 'list':
      return <List label={label} help={help} shape={shape} {...place} />;
    case 'part':
      return <Group label={label} help={help} shape={shape} {...place} />;
    case 'text':
      return <Languages label={label} help={help} long={shape.long} {...place} />;
    case 'maybe':
      return (
        <Optional label={label} help={help} empty={{}} {...place}>
          <Languages label={label} long {...place} />
        </Optional>
      );
    case 'names':
      return <Picker label={label} help={help} of={shape.of} {...place} />;
    case 'flag':
      return (
        <div>
          <Checkbox
            id={inputId(place.at)}
            label={label}
            checked={Boolean(place.value)}
            onChange={(event) => place.onChange(event.target.checked || undefined)}
          />
          <Said findings={saidOf(place.setting, place.at, true)} />
        </div>
      );
    default:
      return <Line label={label} help={help} shape={shape} {...place} />;
  }
}

interface Labelled {
  label: string;
  help?: string | undefined;
}

function Line({ label, help, shape, ...place }: Place & Labelled & { shape: Shape }) {
  const { t } = useT();
  const id = inputId(place.at);
  const value =
    shape.kind === 'ids' ? asList(place.value).map(String).join(' ') : asLine(place.value);
  const options =
    shape.kind === 'choice'
      ? shape.options.map(([key, text]) => [key, t(text)] as const)
      : shape.kind === 'country'
        ? place.setting.countries
        : undefined;
  return (
    <DsField>
      <Label htmlFor={id}>{label}</Label>
      {help && <DsField.Description>{help}</DsField.Description>}
      {options ? (
        <Select id={id} value={value} onChange={(event) => place.onChange(event.target.value)}>
          <Select.Option value="">{t('reg.choose')}</Select.Option>
          {options.map(([key, text]) => (
            <Select.Option key={key} value={key}>
              {text}
            </Select.Option>
          ))}
        </Select>
      ) : (
        <Input
          id={id}
          value={value}
          {...(shape.kind === 'number' ? { inputMode: 'numeric', className: 'short' } : {})}
          onChange={(event) => {
            const typed = event.target.value;
            if (shape.kind === 'ids') place.onChange(typed.split(' '));
            else
              place.onChange(
                shape.kind === 'number' && /^\d{1,9}$/.test(typed) ? Number(typed) : typed,
              );
          }}
        />
      )}
      <Said findings={saidOf(place.setting, place.at, true)} />
    </DsField>
  );
}

const languages: readonly (readonly [Locale, StaffKey])[] = [
  ['nb', 'reg.nb'],
  ['nn', 'reg.nn'],
  ['en', 'reg.en'],
];

/** One text in the three languages, side by side where there is room. */
function Languages({
  label,
  help,
  long,
  ...place
}: Place & Labelled & { long?: boolean | undefined }) {
  const { t } = useT();
  const text = asPart(place.value) as Text;
  const said = saidOf(place.setting, place.at, true);
  return (
    <Fieldset>
      <Fieldset.Legend>{label}</Fieldset.Legend>
      {help && <Fieldset.Description>{help}</Fieldset.Description>}
      <div className="in-languages">
        {languages.map(([locale, name]) => {
          const id = inputId(`${place.at}/${locale}`);
          const props = {
            id,
            lang: locale,
            value: asLine(text[locale]),
            onChange: (event: { target: { value: string } }) =>
              place.onChange({ ...text, [locale]: event.target.value }),
          };
          return (
            <DsField key={locale}>
              <Label htmlFor={id} weight="regular">
                {t(name)}
              </Label>
              {long ? <Textarea rows={3} {...props} /> : <Input {...props} />}
            </DsField>
          );
        })}
      </div>
      <Said findings={said} />
    </Fieldset>
  );
}

/** Names of a list to tick, found by a part of their text. */
function Picker({ label, help, of, ...place }: Place & Labelled & { of: Names }) {
  const { t, n } = useT();
  const [search, setSearch] = useState('');
  const [open, setOpen] = useState(false);
  const chosen = asList(place.value).map(String);
  const all = place.setting.names[of];
  const text = new Map(all);
  const found = all.filter(([, name]) => name.toLowerCase().includes(search.trim().toLowerCase()));
  const set = (key: string, on: boolean) =>
    place.onChange(on ? [...chosen, key] : chosen.filter((each) => each !== key));
  const id = inputId(place.at);
  return (
    <Fieldset id={id} tabIndex={-1}>
      <Fieldset.Legend>{label}</Fieldset.Legend>
      {help && <Fieldset.Description>{help}</Fieldset.Description>}
      <p>{chosen.map((key) => text.get(key) ?? key).join(', ') || t('reg.none')}</p>
      <details
        className="ds-details plain"
        open={open}
        onToggle={(event) => setOpen(event.currentTarget.open)}
      >
        <summary>{t('reg.pick')}</summary>
        {open && (
          <div className="ds-details__content stack">
            {all.length > 12 && (
              <Textfield
                label={t('reg.search')}
                type="search"
                value={search}
                onChange={(event) => setSearch(event.target.value)}
              />
            )}
            <p className="under" role="status">
              {n('reg.found', found.length)}
            </p>
            <div className="picks">
              {found.map(([key, name]) => (
                <Checkbox
                  key={key}
                  id={`${id}-${key}`}
                  label={name}
                  checked={chosen.includes(key)}
                  onChange={(event) => set(key, event.target.checked)}
                />
              ))}
            </div>
          </div>
        )}
      </details>
      <Said findings={saidOf(place.setting, place.at, true)} />
    </Fieldset>
  );
}

function Group({
  label,
  help,
  shape,
  ...place
}: Place & Labelled & { shape: Extract<Shape, { kind: 'part' }> }) {
  const fields = (
    <PartFields
      fields={shape.fields}
      at={place.at}
      value={asPart(place.value)}
      onChange={place.onChange}
      setting={place.setting}
    />
  );
  if (shape.optional) {
    return (
      <Optional label={label} help={help} empty={{}} {...place}>
        {fields}
      </Optional>
    );
  }
  return (
    <Fieldset id={inputId(place.at)} tabIndex={-1} className="reg-part">
      <Fieldset.Legend>{label}</Fieldset.Legend>
      {help && <Fieldset.Description>{help}</Fieldset.Description>}
      <Said findings={saidOf(place.setting, place.at, false)} />
      {fields}
    </Fieldset>
  );
}

/** What may be left out altogether: a tick brings its fields. */
function Optional({
  label,
  help,
  empty,
  children,
  ...place
}: Place & Labelled & { empty: unknown; children: ReactNode }) {
  const on = place.value !== undefined && place.value !== null;
  return (
    <div className="stack reg-part">
      <Checkbox
        id={inputId(place.at)}
        label={label}
        {...(help ? { description: help } : {})}
        checked={on}
        onChange={(event) => place.onChange(event.target.checked ? empty : undefined)}
      />
      <Said findings={saidOf(place.setting, place.at, false)} />
      {on && <div className="stack inset">{children}</div>}
    </div>
  );
}

function List({
  label,
  help,
  shape,
  ...place
}: Place & Labelled & { shape: Extract<Shape, { kind: 'list' }> }) {
  const { t } = useT();
  const items = asList(place.value);
  const id = inputId(place.at);
  const focus = (at: number) =>
    setTimeout(() => document.getElementById(at < 0 ? id : inputId(`${place.at}/${at}`))?.focus());
  return (
    <Fieldset id={id} tabIndex={-1} className="reg-part">
      <Fieldset.Legend>{label}</Fieldset.Legend>
      {help && <Fieldset.Description>{help}</Fieldset.Description>}
      <Said findings={saidOf(place.setting, place.at, false)} />
      {items.map((item, at) => (
        <fieldset
          // biome-ignore lint/suspicious/noArrayIndexKey: an item is what stands in its place.
          key={at}
          id={inputId(`${place.at}/${at}`)}
          tabIndex={-1}
          className="reg-item stack"
        >
          <legend>
            {t(shape.one)} {at + 1}
          </legend>
          <PartFields
            fields={shape.fields}
            at={`${place.at}/${at}`}
            value={asPart(item)}
            onChange={(value) => place.onChange(items.toSpliced(at, 1, value))}
            setting={place.setting}
          />
          <div>
            <Button
              variant="tertiary"
              data-size="sm"
              data-color="danger"
              onClick={() => {
                place.onChange(items.toSpliced(at, 1));
                focus(at - 1);
              }}
            >
              {t('reg.remove')}
              <span className="ds-sr-only">{` ${t(shape.one)} ${at + 1}`}</span>
            </Button>
          </div>
        </fieldset>
      ))}
      <div>
        <Button
          variant="secondary"
          data-size="sm"
          onClick={() => {
            place.onChange([...items, {}]);
            focus(items.length);
          }}
        >
          {t(shape.add)}
        </Button>
      </div>
    </Fieldset>
  );
}
