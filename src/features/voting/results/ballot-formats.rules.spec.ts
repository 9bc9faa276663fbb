import { describe, expect, it } from '@jest/globals';
import type { Candidate, Choice, PollMethod } from '../poll.types.js';
import { abifOf, bltOf } from './ballot-formats.rules.js';

const candidate = (name: string, withdrawn = false): Candidate => ({ id: `id of ${name}`, name, description: null, withdrawn });
const [adam, basil, charlotte, donald] = ['Adam', 'Basil', 'Charlotte', 'Donald'].map((name) => candidate(name)) as [Candidate, Candidate, Candidate, Candidate];
const poll = (method: PollMethod, candidates: Candidate[] = [adam, basil, charlotte, donald], title = 'Title') => ({ title, method, maxScore: 5, candidates });
const ranked = (votes: number, ...ranks: Candidate[][]) => ({ votes, choice: { ranking: ranks.map((rank) => rank.map(({ id }) => id)) } as Choice });

describe('BLT', () => {
  it('is as its authors have it, with equal ranks', () => {
    const withdrawn = poll('schulze', [adam, candidate('Basil', true), charlotte, donald]);
    const rows = [ranked(3, [adam], [charlotte], [donald]), ranked(4, [adam], [charlotte], [basil]), ranked(2, [donald], [adam, charlotte]), ranked(1, [basil])];
    expect(bltOf(withdrawn, rows)).toBe(['4 1', '-2', '4 1 3 2 0', '3 1 3 4 0', '2 4 1=3 0', '1 2 0', '0', '"Adam"', '"Basil"', '"Charlotte"', '"Donald"', '"Title"', ''].join('\n'));
  });

  it('takes approvals for equals, and a single vote for a rank', () => {
    expect(bltOf(poll('approval', [adam, basil]), [{ votes: 2, choice: { approve: [adam.id, basil.id] } }])).toBe('2 1\n2 1=2 0\n0\n"Adam"\n"Basil"\n"Title"\n');
    expect(bltOf(poll('single', [adam, basil]), [{ votes: 2, choice: { candidateId: basil.id } }])).toBe('2 1\n2 2 0\n0\n"Adam"\n"Basil"\n"Title"\n');
  });

  it('has no quotes within names, as nothing escapes them', () => {
    expect(bltOf(poll('single', [candidate('Ann "the axe"')], 'Say "yes"'), [])).toBe(`1 1\n0\n"Ann 'the axe'"\n"Say 'yes'"\n`);
  });

  it('cannot tell scores', () => expect(() => bltOf(poll('score'), [{ votes: 1, choice: { scores: { [adam.id]: 1 } } }])).toThrow('scores are no ranks'));
});

describe('ABIF', () => {
  it('names candidates in brackets, and then equal ballots once, most first', () => {
    expect(abifOf(poll('schulze'), [ranked(1, [basil], [adam, charlotte]), ranked(27, [adam], [donald])])).toBe(
      '{"title":"Title"}\n=C1:[Adam]\n=C2:[Basil]\n=C3:[Charlotte]\n=C4:[Donald]\n27:C1>C4\n1:C2>C1=C3\n',
    );
  });

  it('has scores behind a slash', () => {
    expect(abifOf(poll('score', [adam, basil]), [{ votes: 3, choice: { scores: { [adam.id]: 5, [basil.id]: 0 } } }])).toBe('{"title":"Title"}\n{"max_rating":5}\n=C1:[Adam]\n=C2:[Basil]\n3:C1/5,C2/0\n');
  });

  it('is without those who have withdrawn: ballots that become equal are together, empty ones in a comment', () => {
    const rows = [ranked(2, [adam], [basil], [charlotte]), ranked(3, [adam], [charlotte]), ranked(4, [basil])];
    expect(abifOf(poll('irv', [adam, candidate('Basil', true), charlotte]), rows)).toBe('{"title":"Title"}\n=C1:[Adam]\n=C2:[Charlotte]\n5:C1>C2\n# 4 more named only candidates who have withdrawn\n');
    expect(abifOf(poll('score', [adam, candidate('Basil', true)]), [{ votes: 1, choice: { scores: { [adam.id]: 2, [basil.id]: 5 } } }])).toContain('\n1:C1/2\n');
  });

  it('has no brackets within names', () => expect(abifOf(poll('single', [candidate('Ann [x]')]), [])).toBe('{"title":"Title"}\n=C1:[Ann (x)]\n'));
});
