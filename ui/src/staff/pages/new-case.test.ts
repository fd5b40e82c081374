import { describe, expect, it } from 'vitest';
import { type Form, faults, mailFile, toBody, withMail } from './new-case';

const blank: Form = {
  channel: 'letter',
  rights: [],
  objection: '',
  activities: [],
  ground: '',
  recipient: '',
  when: { date: '2026-01-15', time: '09:30' },
  locale: 'nb',
  name: '',
  email: '',
  phone: '',
  customer_number: '',
  postal_address: '',
  text: '',
  meanwhile: false,
  method: 'not_yet',
  note: '',
  paper: false,
  standing: 'self',
  asker_name: '',
  asker_email: '',
  child_age: '',
  organisation_number: '',
};
const whole: Form = { ...blank, rights: ['access'], name: 'Nils Moe' };
const at = { at: '2026-01-15T08:30:00.000Z' };

describe('a request that came another way', () => {
  it('needs a right, a way to know the person, and a time that has been', () => {
    expect(faults(blank, { wrong: 'future' }).map((fault) => fault.field)).toEqual([
      'case-rights',
      'case-received_at',
      'case-name',
    ]);
    expect(faults(whole, at)).toEqual([]);
  });

  it.each<[string, Partial<Form>, string]>([
    ['an answer on paper without an address', { paper: true }, 'case-postal_address'],
    ['an address that is none', { email: 'nils' }, 'case-email'],
    ['an identity without what was checked', { method: 'eid' }, 'case-identity-note'],
  ])('does not go through with %s', (_, part, field) => {
    expect(faults({ ...whole, ...part }, at).map((fault) => fault.field)).toEqual([field]);
  });

  it('sends only what was filled in', () => {
    expect(toBody(whole, at.at)).toEqual({
      rights: ['access'],
      channel: 'letter',
      received_at: at.at,
      locale: 'nb',
      name: 'Nils Moe',
      delivery: 'portal',
    });
  });

  it('is told what an objection is to, which is never everything by itself', () => {
    const objection: Form = { ...whole, rights: ['access', 'objection'] };
    expect(faults(objection, at).map((fault) => fault.field)).toEqual(['case-objection']);
    const other: Form = { ...objection, objection: 'other' };
    expect(faults(other, at).map((fault) => fault.field)).toEqual(['case-activities']);
    const parts: Form = { ...other, activities: ['customers'] };
    expect(faults(parts, at)).toEqual([]);
    expect(toBody(parts, at.at).activities).toEqual(['customers']);
    const marketing = toBody({ ...parts, objection: 'marketing' }, at.at);
    expect(marketing).toMatchObject({ advertising: true });
    expect(marketing.activities).toBeUndefined();
  });

  it('sends of each right what belongs to it alone', () => {
    const said: Form = { ...whole, ground: 'claims', recipient: ' Nordlys ', activities: ['a'] };
    expect(toBody(said, at.at)).toEqual(toBody(whole, at.at));
    const both = toBody({ ...said, rights: ['restriction', 'portability'] }, at.at);
    expect(both).toMatchObject({ ground: 'claims', recipient: 'Nordlys', activities: ['a'] });
  });

  it('sends how the identity was checked, once it was', () => {
    const body = toBody({ ...whole, method: 'in_person', note: ' Kjent kunde ' }, at.at);
    expect(body.identity).toEqual({ method: 'in_person', note: 'Kjent kunde' });
  });
});

describe('a mail that was read', () => {
  const mail = {
    text: 'Jeg ber om innsyn.',
    rights: ['access' as const],
    from_name: 'Nils Moe',
    from_email: 'nils@example.no',
    received_at: '2026-01-14T23:30:00Z',
  };

  it('fills in the form with its own time of receipt', () => {
    expect(withMail(blank, mail)).toMatchObject({
      channel: 'email',
      rights: ['access'],
      when: { date: '2026-01-15', time: '00:30' },
      name: 'Nils Moe',
      email: 'nils@example.no',
      text: 'Jeg ber om innsyn.',
    });
  });

  it('overwrites nothing that the officer has written', () => {
    expect(withMail({ ...blank, name: 'N. Moe', text: 'Mitt' }, mail)).toMatchObject({
      name: 'N. Moe',
      text: 'Mitt',
    });
  });

  it('mixes no two mails: what the first one put in does not stay beside the second', () => {
    const second = {
      text: 'Slett meg.',
      rights: ['erasure' as const],
      from_email: 'siri@example.no',
    };
    const form = { ...withMail(blank, mail), phone: '22334455' };
    expect(withMail(form, second, mail)).toMatchObject({
      rights: ['erasure'],
      name: '',
      email: 'siri@example.no',
      phone: '22334455',
      text: 'Slett meg.',
    });
    expect(withMail({ ...form, name: 'Siri Li' }, second, mail).name).toBe('Siri Li');
  });

  it('is sent as the bytes that lie on the disk, as far as its words reach', async () => {
    const latin1 = new Blob([new Uint8Array([0xf8, 0x6e])]);
    expect(await mailFile(latin1)).toBe('+G4=');
    const large = await mailFile(new Blob([new Uint8Array(3 << 20)]));
    expect(atob(large).length).toBe(1 << 20);
    expect(large.length).toBeLessThanOrEqual(1_398_104);
  });

  it('says who asks, and of them only what belongs to the choice', () => {
    const company: Form = { ...whole, standing: 'company', child_age: 'under' };
    expect(faults(company, at).map((fault) => fault.field)).toEqual([
      'case-standing-asker_name',
      'case-standing-organisation_number',
    ]);
    const told: Form = { ...company, asker_name: 'Siv', organisation_number: '310000019' };
    expect(faults(told, at)).toEqual([]);
    expect(toBody(told, at.at).standing).toEqual({
      kind: 'company',
      asker_name: 'Siv',
      organisation_number: '310000019',
    });
    expect(toBody(whole, at.at).standing).toBeUndefined();
    expect(faults({ ...whole, standing: 'child' }, at)).toHaveLength(1);
  });
});
