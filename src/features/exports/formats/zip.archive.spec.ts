import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { unzipped } from '../../../../test/support/unzipped.js';
import { zipArchive, type ZipEntry } from './zip.archive.js';

async function* entriesOf(...entries: ZipEntry[]): AsyncGenerator<ZipEntry> {
  yield* entries;
}
const text = (name: string, ...texts: string[]): ZipEntry => ({ name, bytes: texts.map((part) => Buffer.from(part)) });

/** Endless random bytes, and what became of them. */
function endless() {
  const seen = { chunks: 0, closed: false };
  async function* bytes(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        seen.chunks += 1;
        yield randomBytes(64 * 1024);
      }
    } finally {
      seen.closed = true;
    }
  }
  return { seen, bytes: bytes() };
}

describe('a ZIP archive', () => {
  it('holds each entry under its name, in order', async () => {
    const files = await unzipped(await buffer(zipArchive(entriesOf(text('a.txt', 'one ', 'two'), text('empty'), text('folder/größe 😀.txt', 'x')))));
    expect([...files.keys()]).toEqual(['a.txt', 'empty', 'folder/größe 😀.txt']);
    expect([...files.values()].map(String)).toEqual(['one two', '', 'x']);
  });

  it('without entries is a ZIP as well', async () => {
    expect(await unzipped(await buffer(zipArchive(entriesOf())))).toEqual(new Map());
  });

  it('round-trips any bytes in any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.uint8Array({ maxLength: 100_000 }), { maxLength: 5 }), { maxLength: 5 }), async (contents) => {
        const entries = contents.map((pieces, n): ZipEntry => ({ name: `${n}`, bytes: pieces.map((piece) => Buffer.from(piece)) }));
        const files = await unzipped(await buffer(zipArchive(entriesOf(...entries))));
        expect([...files.values()].map((bytes) => bytes.toString('hex'))).toEqual(contents.map((pieces) => Buffer.concat(pieces).toString('hex')));
      }),
      { numRuns: 30 },
    );
  });

  it('asks for an entry when the one before has been read to its end', async () => {
    const steps: string[] = [];
    async function* bytes(name: string): AsyncGenerator<Buffer> {
      for (let n = 0; n < 3; n += 1) {
        await turn();
        yield Buffer.from(name);
      }
      steps.push(`${name} read`);
    }
    async function* entries(): AsyncGenerator<ZipEntry> {
      for (const name of ['a', 'b', 'manifest']) {
        steps.push(`${name} asked for`);
        yield { name, bytes: bytes(name) };
      }
    }
    await buffer(zipArchive(entries()));
    expect(steps).toEqual(['a asked for', 'a read', 'b asked for', 'b read', 'manifest asked for', 'manifest read']);
  });

  it('hands the reader the very error of a source, and closes the list', async () => {
    const failure = new Error('the table is gone');
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from('some');
      throw failure;
    }
    let closed = false;
    async function* entries(): AsyncGenerator<ZipEntry> {
      try {
        yield text('whole', 'x');
        yield { name: 'broken', bytes: broken() };
        yield text('never', 'x');
      } finally {
        closed = true;
      }
    }
    await expect(buffer(zipArchive(entries()))).rejects.toBe(failure);
    expect(closed).toBe(true);
    async function* failing(): AsyncGenerator<ZipEntry> {
      yield text('whole', 'x');
      throw failure;
    }
    await expect(buffer(zipArchive(failing()))).rejects.toBe(failure);
  });

  it('reads no further than its reader, and has closed its sources when the reader is gone', async () => {
    const { seen, bytes } = endless();
    let closed = false;
    async function* entries(): AsyncGenerator<ZipEntry> {
      try {
        yield { name: 'endless', bytes };
        yield text('never', 'x');
      } finally {
        closed = true;
      }
    }
    let chunks = 0;
    for await (const _ of zipArchive(entries())) {
      chunks += 1;
      if (chunks === 3) {
        // As long as the reader takes its time, the source rests: what it is ahead by are the buffers between.
        for (let idle = 0, before = 0; idle < 20; idle = seen.chunks === before ? idle + 1 : 0, before = seen.chunks) await turn();
        expect(seen.chunks).toBeLessThan(20);
        break;
      }
    }
    expect({ closed, source: seen.closed }).toEqual({ closed: true, source: true });
  });

  it.each(['/etc/passwd', '../up', 'a/../../up', 'C:/x', '..\\up', ''])('refuses the name %j', async (name) => {
    await expect(buffer(zipArchive(entriesOf(text(name, 'x'))))).rejects.toThrow(/path|Path/);
  });
});
