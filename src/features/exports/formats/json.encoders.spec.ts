import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encoded, HOSTILE_TEXTS } from '../../../../test/support/encoded.js';
import type { Cell, DatasetColumn, Row } from '../../../platform/datasets/dataset.js';

const COLUMNS: DatasetColumn[] = [
  { name: 'text', type: 'string' },
  { name: 'size', type: 'number' },
  { name: 'open', type: 'boolean' },
  { name: 'at', type: 'instant' },
];
const ROW = { at: new Date(0), text: '=1\n', size: 2, extra: 'no' } as Row;
const OBJECT = '{"text":"=1\\n","size":2,"open":null,"at":"1970-01-01T00:00:00.000Z"}';

const rowsAnyhow = fc.array(
  fc.record<Record<string, Cell>>({
    text: fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE_TEXTS, '\ud800', 'a\udc00'))),
    size: fc.option(fc.double({ noDefaultInfinity: true, noNaN: true }).filter((number) => !Object.is(number, -0))),
    open: fc.option(fc.boolean()),
  }),
);

describe('ndjson', () => {
  it('has one object per line with every column, in order', async () => {
    expect((await encoded('ndjson', COLUMNS, [ROW, ROW])).toString()).toBe(`${OBJECT}\n${OBJECT}\n`);
    expect((await encoded('ndjson', COLUMNS, [])).toString()).toBe('');
  });

  it('round-trips any text and number', async () => {
    await fc.assert(
      fc.asyncProperty(rowsAnyhow, async (rows) => {
        const lines = (await encoded('ndjson', COLUMNS.slice(0, 3), rows)).toString().split('\n').slice(0, -1);
        expect(lines.map((line) => JSON.parse(line) as Row)).toEqual(rows);
      }),
    );
  });
});

describe('json', () => {
  it('is one array with a row per line', async () => {
    expect((await encoded('json', COLUMNS, [ROW, ROW, ROW, ROW])).toString()).toBe(`[\n${[OBJECT, OBJECT, OBJECT, OBJECT].join(',\n')}\n]\n`);
  });

  it('without rows is an empty array', async () => {
    expect((await encoded('json', COLUMNS, [])).toString()).toBe('[]\n');
  });

  it('round-trips any text and number', async () => {
    await fc.assert(
      fc.asyncProperty(rowsAnyhow, async (rows) => {
        expect(JSON.parse((await encoded('json', COLUMNS.slice(0, 3), rows)).toString())).toEqual(rows);
      }),
    );
  });
});
