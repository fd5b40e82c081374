import { describe, expect, it } from 'vitest';
import { gapsByActivity } from './register';

const activity = (id: string, name: string) => ({
  id,
  name,
  purpose: '',
  bases: [],
  retention: '',
});

describe('what the register lacks', () => {
  it('stands with its activity, and what stops a decision comes first', () => {
    const found = gapsByActivity({
      activities: [activity('logs', 'Besøkslogg'), activity('news', 'Nyhetsbrev')],
      gaps: [
        { activity: 'logs', text: 'mottaker', blocks: false, contradicts: false, answers: false },
        { activity: 'news', text: 'system', blocks: false, contradicts: false, answers: false },
        { activity: 'news', text: 'regel', blocks: true, contradicts: false, answers: false },
        { activity: 'gone', text: 'navn', blocks: false, contradicts: false, answers: false },
      ],
    });
    expect(found.map(({ name, gaps }) => [name, ...gaps.map((gap) => gap.text)])).toEqual([
      ['Nyhetsbrev', 'regel', 'system'],
      ['Besøkslogg', 'mottaker'],
      ['gone', 'navn'],
    ]);
  });
});
