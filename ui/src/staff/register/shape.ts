import type { StaffKey } from '../texts';

/**
 * The register as people read it: what each key of the file is called, how it is filled in, and when it
 * says something. The form, the list of changes and the tidying before a save all go by it. A test holds
 * it against the schema that the server reads files by.
 */
export interface Field {
  key: string;
  label: StaffKey;
  help?: StaffKey;
  shape: Shape;
  /** Whether the field says anything beside the others of its part; else it is neither shown nor kept. */
  when?: (part: Part) => boolean;
}

export type Part = Readonly<Record<string, unknown>>;
export type Fields = readonly Field[];
export type Option = readonly [value: string, text: StaffKey];
/** The lists that names are picked from. */
export type Names = 'categories' | 'persons' | 'activities' | 'rights';

export type Shape =
  | { kind: 'line' }
  /** One text in the three languages. */
  | { kind: 'text'; long?: boolean }
  | { kind: 'number' }
  | { kind: 'flag' }
  | { kind: 'country' }
  | { kind: 'choice'; options: readonly Option[] }
  | { kind: 'names'; of: Names }
  /** Ids, with blanks between them. */
  | { kind: 'ids' }
  | { kind: 'list'; fields: Fields; add: StaffKey; one: StaffKey }
  | { kind: 'part'; fields: Fields; optional?: boolean }
  /** A text that may be left out altogether. */
  | { kind: 'maybe' };

export const articles: readonly Option[] = [
  ['6(1)(a)', 'reg.article.6a'],
  ['6(1)(b)', 'reg.article.6b'],
  ['6(1)(c)', 'reg.article.6c'],
  ['6(1)(d)', 'reg.article.6d'],
  ['6(1)(e)', 'reg.article.6e'],
  ['6(1)(f)', 'reg.article.6f'],
  ['9(2)(a)', 'reg.article.9a'],
  ['9(2)(b)', 'reg.article.9b'],
  ['9(2)(c)', 'reg.article.9c'],
  ['9(2)(d)', 'reg.article.9d'],
  ['9(2)(e)', 'reg.article.9e'],
  ['9(2)(f)', 'reg.article.9f'],
  ['9(2)(g)', 'reg.article.9g'],
  ['9(2)(h)', 'reg.article.9h'],
  ['9(2)(i)', 'reg.article.9i'],
  ['9(2)(j)', 'reg.article.9j'],
  ['10', 'reg.article.10'],
];

export const rights: readonly Option[] = [
  ['access', 'reg.right.access'],
  ['rectification', 'reg.right.rectification'],
  ['erasure', 'reg.right.erasure'],
  ['restriction', 'reg.right.restriction'],
  ['portability', 'reg.right.portability'],
  ['objection', 'reg.right.objection'],
  ['withdraw_consent', 'reg.right.withdraw_consent'],
  ['complaint', 'reg.right.complaint'],
];

const holds = (rule: Part) =>
  rule.kind === 'keep_until_retention' || rule.kind === 'keep_minimum' || rule.kind === 'restrict';

const line = { kind: 'line' } as const;
const short = { kind: 'text' } as const;
const long = { kind: 'text', long: true } as const;
const flag = { kind: 'flag' } as const;
const country = { kind: 'country' } as const;
const categories = { kind: 'names', of: 'categories' } as const;

export const controllerFields: Fields = [
  { key: 'name', label: 'reg.name', shape: line },
  { key: 'organisation_number', label: 'reg.orgno', shape: line },
  { key: 'postal_address', label: 'reg.postal', shape: line },
  { key: 'email', label: 'reg.email', shape: line },
  { key: 'phone', label: 'reg.phone', shape: line },
  { key: 'country', label: 'reg.country', help: 'reg.country.help', shape: country },
  {
    key: 'representative',
    label: 'reg.representative',
    help: 'reg.representative.help',
    shape: line,
  },
  { key: 'dpo', label: 'reg.dpo', help: 'reg.dpo.help', shape: line },
  { key: 'no_dpo', label: 'reg.nodpo', help: 'reg.nodpo.help', shape: line },
  { key: 'public', label: 'reg.body', help: 'reg.body.help', shape: flag },
  { key: 'financial_year_end', label: 'reg.yearend', help: 'reg.yearend.help', shape: line },
];

const jointFields: Fields = [
  { key: 'name', label: 'reg.name', shape: line },
  { key: 'contact', label: 'reg.contact', shape: line },
  { key: 'essence', label: 'reg.essence', help: 'reg.essence.help', shape: long },
  {
    key: 'activities',
    label: 'reg.joint.activities',
    help: 'reg.joint.activities.help',
    shape: { kind: 'names', of: 'activities' },
  },
];

const processorFields: Fields = [
  { key: 'name', label: 'reg.name', shape: line },
  { key: 'contact', label: 'reg.contact', shape: line },
  { key: 'country', label: 'reg.country', shape: country },
  { key: 'agreement', label: 'reg.agreement', help: 'reg.agreement.help', shape: line },
  { key: 'sub_processors', label: 'reg.subprocessors', shape: line },
];

/** What the register says of the organisation as a whole. */
export const officeFields: Fields = [
  {
    key: 'controller',
    label: 'reg.controller',
    shape: { kind: 'part', fields: controllerFields },
  },
  {
    key: 'joint_controllers',
    label: 'reg.joint',
    help: 'reg.joint.help',
    shape: { kind: 'list', fields: jointFields, add: 'reg.joint.add', one: 'reg.joint.one' },
  },
  {
    key: 'processors',
    label: 'reg.processors',
    help: 'reg.processors.help',
    shape: {
      kind: 'list',
      fields: processorFields,
      add: 'reg.processors.add',
      one: 'reg.processors.one',
    },
  },
  {
    key: 'companies',
    label: 'reg.companies',
    help: 'reg.companies.help',
    shape: {
      kind: 'part',
      optional: true,
      fields: [{ key: 'authority', label: 'reg.authority', shape: long }],
    },
  },
  {
    key: 'published',
    label: 'reg.published',
    help: 'reg.published.help',
    shape: {
      kind: 'part',
      optional: true,
      fields: [
        { key: 'updated', label: 'reg.published.updated', shape: line },
        { key: 'rights', label: 'reg.published.rights', shape: { kind: 'names', of: 'rights' } },
        {
          key: 'narrowed',
          label: 'reg.published.narrowed',
          shape: { kind: 'names', of: 'rights' },
        },
        { key: 'special_categories', label: 'reg.published.special', shape: categories },
      ],
    },
  },
];

/** What the register says of one activity. Its id is the datasets' and is not filled in. */
export const activityFields: Fields = [
  { key: 'name', label: 'reg.name', shape: short },
  { key: 'purpose', label: 'reg.purpose', help: 'reg.purpose.help', shape: long },
  {
    key: 'bases',
    label: 'reg.bases',
    help: 'reg.bases.help',
    shape: {
      kind: 'list',
      add: 'reg.bases.add',
      one: 'reg.bases.one',
      fields: [
        {
          key: 'article',
          label: 'reg.article',
          shape: { kind: 'choice', options: articles },
        },
        { key: 'law', label: 'reg.law', help: 'reg.law.help', shape: line },
        { key: 'why', label: 'reg.why', help: 'reg.why.help', shape: long },
        { key: 'categories', label: 'reg.only', help: 'reg.only.help', shape: categories },
      ],
    },
  },
  {
    key: 'formerly',
    label: 'reg.formerly',
    help: 'reg.formerly.help',
    shape: { kind: 'ids' },
    // Only the file can give an activity another id.
    when: ({ formerly }) => Array.isArray(formerly) && formerly.length > 0,
  },
  { key: 'persons', label: 'reg.persons', shape: { kind: 'names', of: 'persons' } },
  { key: 'categories', label: 'reg.categories', shape: categories },
  {
    key: 'sources',
    label: 'reg.sources',
    shape: {
      kind: 'list',
      add: 'reg.sources.add',
      one: 'reg.sources.one',
      fields: [
        { key: 'name', label: 'reg.name', shape: short },
        { key: 'from_person', label: 'reg.from_person', shape: flag },
        { key: 'own', label: 'reg.own', shape: flag },
        { key: 'public', label: 'reg.public', shape: flag },
        { key: 'categories', label: 'reg.only', help: 'reg.only.help', shape: categories },
      ],
    },
  },
  { key: 'informed', label: 'reg.informed', help: 'reg.informed.help', shape: long },
  { key: 'published', label: 'reg.public_data', shape: flag },
  {
    key: 'obligation',
    label: 'reg.obligation',
    help: 'reg.obligation.help',
    shape: {
      kind: 'part',
      optional: true,
      fields: [
        {
          key: 'kind',
          label: 'reg.obligation.kind',
          shape: {
            kind: 'choice',
            options: [
              ['law', 'reg.obligation.law'],
              ['contract', 'reg.obligation.contract'],
              ['entry', 'reg.obligation.entry'],
              ['voluntary', 'reg.obligation.voluntary'],
            ],
          },
        },
        { key: 'text', label: 'reg.obligation.text', shape: long },
      ],
    },
  },
  {
    key: 'recipients',
    label: 'reg.recipients',
    help: 'reg.recipients.help',
    shape: {
      kind: 'list',
      add: 'reg.recipients.add',
      one: 'reg.recipients.one',
      fields: [
        { key: 'name', label: 'reg.name', shape: line },
        {
          key: 'role',
          label: 'reg.role',
          shape: {
            kind: 'choice',
            options: [
              ['processor', 'reg.role.processor'],
              ['controller', 'reg.role.controller'],
              ['authority', 'reg.role.authority'],
            ],
          },
        },
        { key: 'country', label: 'reg.country', shape: country },
        { key: 'safeguard', label: 'reg.safeguard', help: 'reg.safeguard.help', shape: line },
        { key: 'why', label: 'reg.recipients.why', shape: long },
        {
          key: 'language',
          label: 'reg.recipients.language',
          help: 'reg.recipients.language.help',
          shape: {
            kind: 'choice',
            options: [
              ['nb', 'reg.nb'],
              ['nn', 'reg.nn'],
              ['en', 'reg.en'],
            ],
          },
        },
        {
          key: 'notify',
          label: 'reg.notify',
          help: 'reg.notify.help',
          shape: {
            kind: 'part',
            optional: true,
            fields: [
              { key: 'mail', label: 'reg.notify.mail', shape: line },
              { key: 'webhook', label: 'reg.notify.webhook', shape: line },
              { key: 'task', label: 'reg.notify.task', shape: line },
            ],
          },
        },
      ],
    },
  },
  {
    key: 'no_recipients',
    label: 'reg.norecipients',
    shape: flag,
    when: ({ recipients }) => !Array.isArray(recipients) || recipients.length === 0,
  },
  {
    key: 'storage',
    label: 'reg.storage',
    shape: {
      kind: 'part',
      fields: [
        { key: 'system', label: 'reg.storage.system', shape: line },
        { key: 'country', label: 'reg.country', shape: country },
        { key: 'protection', label: 'reg.storage.protection', shape: long },
      ],
    },
  },
  {
    key: 'retention',
    label: 'reg.retention',
    shape: {
      kind: 'part',
      fields: [
        {
          key: 'rule',
          label: 'reg.retention.rule',
          shape: {
            kind: 'choice',
            options: [
              ['months', 'reg.retention.months_rule'],
              ['bookkeeping_primary', 'reg.retention.primary'],
              ['bookkeeping_secondary', 'reg.retention.secondary'],
              ['until_withdrawn', 'reg.retention.withdrawn'],
              ['while_employed', 'reg.retention.employed'],
              ['review', 'reg.retention.review'],
            ],
          },
        },
        {
          key: 'months',
          label: 'reg.retention.months',
          help: 'reg.retention.months.help',
          shape: { kind: 'number' },
        },
        {
          key: 'from',
          label: 'reg.retention.from',
          help: 'reg.retention.from.help',
          shape: {
            kind: 'choice',
            options: [
              ['collected', 'reg.retention.from.collected'],
              ['last_activity', 'reg.retention.from.activity'],
              ['relation_end', 'reg.retention.from.relation'],
              ['employment_end', 'reg.retention.from.employed'],
              ['matter_closed', 'reg.retention.from.closed'],
              ['disclosed', 'reg.retention.from.disclosed'],
              ['fell_due', 'reg.retention.from.due'],
              ['financial_year_end', 'reg.retention.from.year'],
              ['withdrawn', 'reg.retention.from.withdrawn'],
            ],
          },
        },
        {
          key: 'text',
          label: 'reg.retention.text',
          help: 'reg.retention.text.help',
          shape: long,
        },
        { key: 'default', label: 'reg.retention.default', shape: flag },
      ],
    },
  },
  {
    key: 'erasure',
    label: 'reg.erasure',
    shape: {
      kind: 'part',
      fields: [
        {
          key: 'kind',
          label: 'reg.erasure.kind',
          shape: {
            kind: 'choice',
            options: [
              ['erase', 'reg.erasure.erase'],
              ['anonymise', 'reg.erasure.anonymise'],
              ['keep_until_retention', 'reg.erasure.keep'],
              ['keep_minimum', 'reg.erasure.minimum'],
              ['restrict', 'reg.erasure.restrict'],
              ['suppress', 'reg.erasure.suppress'],
              ['not_identifiable', 'reg.erasure.noid'],
              ['review', 'reg.erasure.review'],
            ],
          },
        },
        {
          key: 'exception',
          label: 'reg.exception',
          when: holds,
          shape: {
            kind: 'choice',
            options: [
              ['17(1)(a)', 'reg.exception.1a'],
              ['17(1)(c)', 'reg.exception.1c'],
              ['17(3)(a)', 'reg.exception.3a'],
              ['17(3)(b)', 'reg.exception.3b'],
              ['17(3)(c)', 'reg.exception.3c'],
              ['17(3)(d)', 'reg.exception.3d'],
              ['17(3)(e)', 'reg.exception.3e'],
            ],
          },
        },
        { key: 'law', label: 'reg.erasure.law', when: holds, shape: line },
        {
          key: 'keep_fields',
          label: 'reg.erasure.fields',
          when: (rule) => rule.kind === 'keep_minimum',
          shape: categories,
        },
        { key: 'text', label: 'reg.erasure.text', help: 'reg.erasure.text.help', shape: long },
        { key: 'code', label: 'reg.erasure.code', help: 'reg.erasure.code.help', shape: line },
        { key: 'marketing', label: 'reg.erasure.marketing', shape: flag },
        {
          key: 'promise',
          label: 'reg.promise',
          help: 'reg.promise.help',
          shape: {
            kind: 'part',
            optional: true,
            fields: [
              { key: 'categories', label: 'reg.promise.categories', shape: categories },
              { key: 'text', label: 'reg.promise.text', shape: long },
            ],
          },
        },
      ],
    },
  },
  {
    key: 'automated_decisions',
    label: 'reg.automated',
    help: 'reg.automated.help',
    shape: { kind: 'maybe' },
  },
  {
    key: 'no_automated_decisions',
    label: 'reg.noautomated',
    shape: flag,
    when: ({ automated_decisions }) => automated_decisions === undefined,
  },
  {
    key: 'withhold',
    label: 'reg.withhold',
    help: 'reg.withhold.help',
    shape: {
      kind: 'part',
      optional: true,
      fields: [
        {
          key: 'ground',
          label: 'reg.withhold.ground',
          shape: {
            kind: 'choice',
            options: [
              ['art_15_4', 'reg.withhold.15_4'],
              ['pol_16_1_a', 'reg.withhold.16a'],
              ['pol_16_1_b', 'reg.withhold.16b'],
              ['pol_16_1_c', 'reg.withhold.16c'],
              ['pol_16_1_d', 'reg.withhold.16d'],
              ['pol_16_1_e', 'reg.withhold.16e'],
              ['pol_16_1_f', 'reg.withhold.16f'],
            ],
          },
        },
        { key: 'categories', label: 'reg.withhold.categories', shape: categories },
        { key: 'per_item', label: 'reg.withhold.per_item', shape: flag },
        { key: 'text', label: 'reg.withhold.text', shape: long },
      ],
    },
  },
];
