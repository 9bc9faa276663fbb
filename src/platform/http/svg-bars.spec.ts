import { describe, expect, it } from '@jest/globals';
import { barsSvg, type Bar } from './svg-bars.js';

const draw = (bars: Bar[], title = 'Where to?') => barsSvg({ title, subtitle: 'votes', words: 'The river wins.', bars });
const widths = (svg: string) => [...svg.matchAll(/class="bar"[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width));

describe('a chart of bars', () => {
  it('has a bar for each value, as long as it is much, and none for nothing', () => {
    const svg = draw([{ label: 'River', value: 40, mark: 'winner' }, { label: 'Lake', value: 10 }, { label: 'Sea', value: 0 }]);
    expect(widths(svg)).toEqual([380, 95]);
    expect(svg).toContain('>40<');
    expect(svg).toContain('>0<');
  });

  it('marks what stands out by more than a colour, and tells all of it in words', () => {
    const svg = draw([{ label: 'River', value: 2, mark: 'winner' }, { label: 'Lake', value: 1 }]);
    expect(svg.match(/★/g)).toHaveLength(1);
    expect(svg).toContain('role="img" aria-labelledby="title desc"');
    expect(svg).toContain('<desc id="desc">votes. The river wins. River: 2, winner. Lake: 1.</desc>');
  });

  it('is a picture also without votes, and without bars', () => {
    expect(widths(draw([{ label: 'River', value: 0 }]))).toEqual([]);
    expect(draw([])).toMatch(/^<svg .*<\/svg>$/s);
  });

  it('has room for a hundred: no two share a line', () => {
    const svg = draw(Array.from({ length: 100 }, (_, i) => ({ label: `${i} ${'name '.repeat(40)}`, value: i })));
    const rows = [...svg.matchAll(/<text class="end" x="216" y="(\d+)">([^<]*)</g)];
    expect(rows).toHaveLength(100);
    expect(Math.min(...rows.slice(1).map(([, y], i) => Number(y) - Number(rows[i]![1])))).toBeGreaterThanOrEqual(20);
    expect(Math.max(...rows.map(([, , label]) => label!.length))).toBeLessThanOrEqual(28);
    expect(Number(/viewBox="0 0 720 (\d+)"/.exec(svg)![1])).toBeGreaterThan(Number(rows.at(-1)![1]));
  });

  it('takes every text for what it is', () => {
    const svg = draw([{ label: '<script>alert(1)</script>', value: 1, mark: '"&' }], '</title><image href="x"/>');
    expect(svg).not.toMatch(/<script|<image/);
    expect(svg).toContain('&lt;script&gt;');
  });
});
