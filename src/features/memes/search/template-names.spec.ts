import { describe, expect, it } from '@jest/globals';
import { countTemplates, TemplateNames } from './template-names.js';

function namesOf(...names: string[]): TemplateNames {
  const templates = new TemplateNames();
  for (const name of names) templates.add(name);
  return templates;
}

describe('template names', () => {
  it('are numbered by what they fold to', () => {
    const templates = new TemplateNames();
    expect(['Doge', 'DOGE', 'Grumpy Cat', ' doge '].map((name) => templates.add(name))).toEqual([0, 0, 1, 0]);
    expect(templates.numberOf('doge')).toBe(0);
    expect(templates.numberOf('grumpy  cat')).toBeUndefined();
  });

  it('are forgotten with their last meme, and numbered anew', () => {
    const templates = namesOf('Doge', 'DOGE', 'DOGE');
    templates.remove('DOGE');
    templates.remove('Doge');
    expect(templates.numberOf('doge')).toBe(0);
    expect([...countTemplates([templates]).values()]).toEqual([{ name: 'DOGE', memes: 1 }]);
    templates.remove('DOGE');
    expect(templates.numberOf('doge')).toBeUndefined();
    expect([...templates.groups()]).toEqual([]);
    expect(templates.add('DOGE')).toBe(1);
    expect(templates.numberOf('doge')).toBe(1);
  });

  it('are shown in the spelling that most memes use, over all partitions', () => {
    const counts = countTemplates([namesOf('Doge', 'Doge', 'DOGE'), namesOf('DOGE', 'DOGE', 'Cat')]);
    expect([...counts.values()]).toEqual([{ name: 'DOGE', memes: 5 }, { name: 'Cat', memes: 1 }]);
  });

  it('are shown in the first of spellings that are used alike', () => {
    expect([...countTemplates([namesOf('doge', 'Doge')]).values()]).toEqual([{ name: 'Doge', memes: 2 }]);
  });

  it('are counted as far as they are wanted', () => {
    expect([...countTemplates([namesOf('Doge', 'Cat')], (folded) => folded.startsWith('c')).keys()]).toEqual(['cat']);
  });
});
