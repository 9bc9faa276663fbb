import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import type { AuditEntry } from './audit-entry.entity.js';
import { canonicalJson, ChainCheck, GENESIS, hashOfEntry } from './audit.rules.js';

const AT = new Date('2026-11-22T10:00:00.123Z');
const act = { at: AT, actorId: 'ada', action: 'member.disabled', subjectType: 'member', subjectId: 'ben', details: '{}' };

/** A sound log of so many entries. */
function log(length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const entry = { ...act, seq, details: canonicalJson({ seq }), previousHash: entries.at(-1)?.hash ?? GENESIS };
    entries.push({ ...entry, hash: hashOfEntry(entry) });
  }
  return entries;
}

const faultsOf = (entries: readonly AuditEntry[], head: Pick<AuditEntry, 'seq' | 'hash'> | undefined) => {
  const check = new ChainCheck();
  check.walk(entries);
  check.end(head);
  return check.violations;
};

describe('canonical JSON', () => {
  it('has one spelling, whatever the order in which keys were set', () => {
    expect(canonicalJson({ b: 1, a: { d: [{ y: 1, x: 2 }], c: null }, e: undefined })).toBe('{"a":{"c":null,"d":[{"x":2,"y":1}]},"b":1}');
    expect(canonicalJson({ 10: 'x', 9: 'y', at: AT })).toBe('{"9":"y","10":"x","at":"2026-11-22T10:00:00.123Z"}');
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('the hash of an entry', () => {
  it('is SHA-256 over the hash before and the fields as a JSON array', () => {
    const fields = '[7,"2026-11-22T10:00:00.123Z","ada","member.disabled","member","ben","{}"]';
    expect(hashOfEntry({ ...act, seq: 7, previousHash: GENESIS })).toEqual(createHash('sha256').update(Buffer.concat([GENESIS, Buffer.from(fields)])).digest());
  });

  it('differs when any field does, also where one field\'s text moves into the next', () => {
    const entry = { ...act, seq: 7, previousHash: GENESIS };
    const others = [
      { seq: 8 }, { at: new Date(AT.getTime() + 1) }, { actorId: 'adam' }, { action: 'member.enabled' }, { subjectType: 'token' }, { subjectId: 'bob' }, { details: '{"a":1}' },
      { previousHash: Buffer.alloc(32, 1) }, { actorId: 'adamember', action: '.disabled' }, { subjectType: 'membe', subjectId: 'rben' },
    ].map((change) => hashOfEntry({ ...entry, ...change }).toString('hex'));
    expect(new Set([hashOfEntry(entry).toString('hex'), ...others]).size).toBe(others.length + 1);
  });
});

describe('the check of the chain', () => {
  it('finds nothing in a log as it was written, empty or long, in one page or many', () => {
    expect(faultsOf([], undefined)).toEqual([]);
    const entries = log(10);
    expect(faultsOf(entries, entries.at(-1))).toEqual([]);
    const check = new ChainCheck();
    for (const entry of entries) check.walk([entry]);
    check.end(entries.at(-1));
    expect(check).toMatchObject({ violations: [], seq: 10, hash: entries.at(-1)!.hash });
  });

  it('finds what was done to any one entry', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.nat(), fc.nat(), (length, a, b) => {
        const entries = log(length);
        const head = entries.at(-1)!;
        const at = a % length;
        const without = entries.filter((_, index) => index !== at);
        expect(faultsOf(without, head)).toEqual([{ seq: at + 1, fault: 'missing' }]);
        expect(faultsOf(entries.map((entry, index) => (index === at ? { ...entry, actorId: 'eve' } : entry)), head)).toEqual([{ seq: at + 1, fault: 'altered' }]);
        const other = b % length;
        if (other === at) return;
        const swapped = [...entries];
        [swapped[at], swapped[other]] = [{ ...entries[other]!, seq: at + 1 }, { ...entries[at]!, seq: other + 1 }];
        expect(faultsOf(swapped, head)).toEqual(expect.arrayContaining([{ seq: at + 1, fault: 'altered' }, { seq: other + 1, fault: 'altered' }]));
      }),
    );
  });

  it('finds an entry that was altered with a hash of its own to match', () => {
    const entries = log(5);
    const forged = { ...entries[2]!, actorId: 'eve' };
    const rehashed = { ...forged, hash: hashOfEntry(forged) };
    expect(faultsOf(entries.with(2, rehashed), entries.at(-1))).toEqual([{ seq: 4, fault: 'unlinked' }]);
    expect(faultsOf(entries.slice(0, 3).with(2, rehashed), entries[2])).toEqual([{ seq: 3, fault: 'end' }]);
  });

  it('finds an end that is not the recorded one', () => {
    const entries = log(5);
    expect(faultsOf(entries.slice(0, 3), entries[4])).toEqual([{ seq: 4, fault: 'missing' }]);
    expect(faultsOf(entries, entries[3])).toEqual([{ seq: 5, fault: 'end' }]);
    expect(faultsOf(entries, undefined)).toEqual([{ seq: 5, fault: 'end' }]);
    expect(faultsOf([], entries[4])).toEqual([{ seq: 1, fault: 'missing' }]);
    expect(faultsOf([], { seq: 0, hash: Buffer.alloc(32, 1) })).toEqual([{ seq: 0, fault: 'end' }]);
  });

  it('lists no more than it is told to', () => {
    const check = new ChainCheck(2);
    check.walk(log(9).map((entry) => ({ ...entry, actorId: 'eve' })));
    expect(check.violations).toEqual([{ seq: 1, fault: 'altered' }, { seq: 2, fault: 'altered' }]);
  });
});
