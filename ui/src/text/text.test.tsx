import { act, cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Loaders, TextProvider, useTexts } from './text';

const loaders: Loaders = {
  nb: async () => ({ hello: 'Hei {name}', days_one: '{count} dag', days_other: '{count} dager' }),
  nn: async () => ({ hello: 'Hei, {name}', days_one: '{count} dag', days_other: '{count} dagar' }),
  en: async () => ({ hello: 'Hello {name}', days_one: '{count} day', days_other: '{count} days' }),
};

function Greeting() {
  const { t, n, setLocale } = useTexts<'hello' | 'days_one' | 'days_other'>();
  return (
    <>
      <p>{t('hello', { name: 'Ola' })}</p>
      <p>{n('days', 1)}</p>
      <p>{n('days', 1200)}</p>
      <button type="button" onClick={() => setLocale('en')}>
        English
      </button>
    </>
  );
}

beforeEach(() => localStorage.clear());
afterEach(cleanup);

it('changes the texts, the document and what is remembered, and keeps the page', async () => {
  localStorage.setItem('mininfo.language', 'nn');
  await act(async () => {
    render(
      <TextProvider loaders={loaders}>
        <Greeting />
      </TextProvider>,
    );
  });
  expect(screen.getByText('Hei, Ola')).toBeTruthy();
  expect(document.documentElement.lang).toBe('nn');
  expect(screen.getByText('1 dag')).toBeTruthy();
  const button = screen.getByRole('button');
  await act(async () => button.click());
  expect(screen.getByText('Hello Ola')).toBeTruthy();
  expect(screen.getByText('1,200 days')).toBeTruthy();
  expect(document.documentElement.lang).toBe('en');
  expect(localStorage.getItem('mininfo.language')).toBe('en');
  expect(screen.getByRole('button')).toBe(button);
});

it('fetches a language once', async () => {
  let fetched = 0;
  const counting: Loaders = {
    ...loaders,
    nb: () => {
      fetched++;
      return loaders.nb();
    },
  };
  localStorage.setItem('mininfo.language', 'nb');
  await act(async () => {
    render(
      <TextProvider loaders={counting}>
        <Greeting />
      </TextProvider>,
    );
  });
  expect(screen.getByText('Hei Ola')).toBeTruthy();
  expect(fetched).toBe(1);
});

it('says in every language that the network is away when no text could be fetched', async () => {
  const away: Loaders = { ...loaders, nb: () => Promise.reject(new TypeError('Failed to fetch')) };
  localStorage.setItem('mininfo.language', 'nb');
  await act(async () => {
    render(
      <TextProvider loaders={away}>
        <Greeting />
      </TextProvider>,
    );
  });
  expect(screen.getByText(/Vi får ikke kontakt/)).toBeTruthy();
  expect(screen.getByText(/We cannot get through/)).toBeTruthy();
});
