import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Meme } from '../entities/meme.js';
import { CataloguedMeme } from './catalogued-meme.js';
import { MemePartition } from './meme-partition.js';

const memeOf = (id: string, changeSeq: number): CataloguedMeme =>
  new CataloguedMeme({
    id, externalId: null, template: 'Plant', caption: `${id} ${changeSeq}`, upper: '', lower: '', language: null, imageUrl: '', fileId: null, lat: null, lon: null,
    tags: [], rating: 'unrated', kind: 'normal', status: 'visible', likes: 0, createdBy: null, createdAt: new Date(0), changeSeq, trend: null, pictureHash: null,
  } satisfies Meme);

function partitionOf(memes: readonly (readonly [string, number])[]): MemePartition {
  const partition = new MemePartition();
  for (const [id, seq] of memes) partition.put(memeOf(id, seq));
  return partition;
}

describe('the state of a partition', () => {
  it('names what is in it, whatever happened before', () => {
    const change = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), seq: fc.integer({ min: 1, max: 5 }), removed: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const partition = new MemePartition();
        const there = new Map<string, number>();
        for (const { id, seq, removed } of changes) {
          if (removed) {
            partition.remove(id);
            there.delete(id);
          } else {
            partition.put(memeOf(id, seq));
            there.set(id, seq);
          }
          expect(partition.index.get(id)?.changeSeq).toBe(there.get(id));
          expect(partition.state).toBe(partitionOf([...there].reverse()).state);
        }
      }),
    );
  });

  it.each([
    ['another meme', [['a', 1], ['b', 1], ['c', 1]]],
    ['a meme less', [['a', 1]]],
    ['a later state of a meme', [['a', 1], ['b', 2]]],
    ['the states the other way round', [['a', 2], ['b', 1]]],
    ['nothing', []],
  ] as const)('is another one for %s', (_, memes) => {
    expect(partitionOf(memes).state).not.toBe(partitionOf([['a', 1], ['b', 1]]).state);
  });
});
