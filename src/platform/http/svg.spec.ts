import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chartSvg, element, svgAnswer, type Chart } from './svg.js';

const HOUR_MS = 3_600_000;
const START = Date.parse('2026-05-03T00:00:00Z');
const hours = (...values: number[]) => values.map((value, hour) => ({ at: new Date(START + hour * HOUR_MS), value }));
const chart = (given: Partial<Chart> = {}): Chart => ({
  title: 'Credits', unit: 'credits', timeZone: 'UTC', kind: 'steps', series: [{ name: 'balance', points: hours(5, 6, 4) }], ...given,
});
const bars = (...values: number[]) => chart({ kind: 'bars', series: [{ name: 'spent', points: hours(...values) }] });

interface Parsed {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Parsed | string)[];
}

const CHARACTERS = /^[\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;
const UNESCAPED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const unescaped = (text: string) => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => UNESCAPED[name]!);

/** The root of a document, by less of XML than there is: what does not match throws. */
function parsed(xml: string): Parsed {
  if (!CHARACTERS.test(xml)) throw new Error('a character that XML does not have');
  const token = /<(?<open>[a-z]+)(?<attributes>(?: [A-Za-z0-9:-]+="(?:[^<>&"]|&(?:amp|lt|gt|quot|#39);)*")*)>|<\/(?<close>[a-z]+)>|(?<text>(?:[^<>&]|&(?:amp|lt|gt|quot|#39);)+)/y;
  const document: Parsed = { name: '', attributes: {}, children: [] };
  const open = [document];
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex;
    const groups = token.exec(xml)?.groups;
    if (groups === undefined) throw new Error(`not well-formed at ${at}: ${xml.slice(at, at + 80)}`);
    if (groups['text'] !== undefined) open.at(-1)!.children.push(unescaped(groups['text']));
    else if (groups['open'] !== undefined) {
      const attributes = [...groups['attributes']!.matchAll(/ ([^=]+)="([^"]*)"/g)].map(([, key, value]) => [key!, unescaped(value!)] as const);
      if (new Set(attributes.map(([key]) => key)).size < attributes.length) throw new Error('an attribute given twice');
      const element: Parsed = { name: groups['open'], attributes: Object.fromEntries(attributes), children: [] };
      open.at(-1)!.children.push(element);
      open.push(element);
    } else if (open.pop()!.name !== groups['close']) throw new Error(`${groups['close']} closes what it did not open`);
  }
  if (open.length !== 1 || document.children.length !== 1) throw new Error('not one element');
  return document.children[0] as Parsed;
}

const descendants = (element: Parsed): Parsed[] => element.children.flatMap((child) => (typeof child === 'string' ? [] : [child, ...descendants(child)]));
const elements = (svg: string) => [parsed(svg), ...descendants(parsed(svg))];
const textOf = ({ children }: Parsed) => children.filter((child) => typeof child === 'string').join('');
const textsOf = (svg: string, name: string) => elements(svg).filter((element) => element.name === name).map(textOf);
const byClass = (svg: string, word: string) => elements(svg).filter(({ attributes }) => attributes['class']?.split(' ').includes(word));

/** Heights that a path reaches, in pixels from the top. */
const heightsOf = (path: Parsed) => [...path.attributes['d']!.matchAll(/V(-?[\d.]+)/g)].map(([, y]) => Number(y));
/** Height of the line of an axis tick. */
const tickAt = (svg: string, label: string) => Number(byClass(svg, 'end').find((text) => textOf(text) === label)!.attributes['y']) - 4;

const TAMPERING = ['<script>alert(1)</script>', '"><script>', "' onload='x", '&#0;', ']]>', '<!--', '\u0000\u0008\u000b\uFFFE', '\uD800', '\u202e', 'é🦉', '&amp;'];
const HARMLESS = new Set(['svg', 'g', 'title', 'desc', 'style', 'rect', 'path', 'line', 'circle', 'text']);
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...TAMPERING), fc.string().map((some) => some + '\uDC00'));
const value = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE));
const point = fc.record({ at: fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true }), value });
const anyChart: fc.Arbitrary<Chart> = fc.record({
  title: text, unit: text, timeZone: fc.constantFrom('UTC', 'America/Havana', 'Asia/Kathmandu', 'Pacific/Apia'), kind: fc.constantFrom('steps' as const, 'bars' as const),
  series: fc.array(fc.record({ name: text, points: fc.array(point, { maxLength: 12 }) }), { maxLength: 8 }),
});

describe('a chart of anything', () => {
  it('is well-formed XML of harmless elements, whatever its words and values', () => {
    fc.assert(fc.property(fc.array(anyChart, { minLength: 1, maxLength: 2 }), (charts) => {
      const svg = chartSvg(...charts);
      const drawn = elements(svg);
      expect(drawn.map(({ name }) => name).filter((name) => !HARMLESS.has(name))).toEqual([]);
      expect(drawn.flatMap(({ attributes }) => Object.keys(attributes)).filter((key) => /^on|href|src|^style/i.test(key))).toEqual([]);
      expect(svg).not.toMatch(/="[^"]*(NaN|Infinity|undefined)/);
    }));
  });

  it('says its words as they were given', () => {
    for (const title of TAMPERING.filter((word) => CHARACTERS.test(word))) expect(textsOf(chartSvg(chart({ title })), 'title')).toEqual([title]);
    expect(textsOf(chartSvg(chart({ title: 'a\u0000b\uD800c' })), 'title')).toEqual(['a\uFFFDb\uFFFDc']);
  });

  it('is told in words to those who do not see it', () => {
    const svg = chartSvg(chart(), bars(1, 2));
    const ids = elements(svg).flatMap(({ attributes }) => attributes['id'] ?? []);
    expect(new Set(ids).size).toBe(4);
    expect(elements(svg).filter(({ attributes }) => attributes['role'] === 'img').flatMap(({ attributes }) => attributes['aria-labelledby']!.split(' '))).toEqual(ids);
    expect(textsOf(svg, 'desc')[0]).toBe('balance: 3 May 2026, 00:00 to 3 May 2026, 02:00 (UTC), lowest 4, highest 6, last 4 credits.');
  });

  it('has a light and a dark dress, and grows with the room there is', () => {
    const [root] = elements(chartSvg(chart()));
    expect(root!.attributes).toMatchObject({ viewBox: '0 0 720 300', width: '100%' });
    expect(textsOf(chartSvg(chart()), 'style')[0]).toContain('@media (prefers-color-scheme:dark)');
  });
});

it('an element escapes its texts and attributes, and nothing twice', () => {
  const inner = element('text', { class: '"><script>\u0000' }, "<b> & 'c'");
  expect(inner.xml).toBe('<text class="&quot;&gt;&lt;script&gt;\uFFFD">&lt;b&gt; &amp; &#39;c&#39;</text>');
  expect(element('g', {}, inner).xml).toBe(`<g>${inner.xml}</g>`);
});

describe('the values of a chart', () => {
  it('stand where the axis says', () => {
    const svg = chartSvg(chart());
    const [line] = byClass(svg, 'line');
    expect(heightsOf(line!).at(-1)).toBeCloseTo(tickAt(svg, '4'), 0);
    expect(heightsOf(line!)).toContain(tickAt(svg, '6'));
  });

  it('below zero hang from the zero line', () => {
    const svg = chartSvg(bars(5, -5));
    const heights = heightsOf(byClass(svg, 'mark')[0]!);
    expect(heights).toEqual([tickAt(svg, '5'), tickAt(svg, '0'), tickAt(svg, '-5'), tickAt(svg, '0')]);
    expect(tickAt(svg, '-5')).toBeGreaterThan(tickAt(svg, '0'));
  });

  it.each([
    [[1, 2, 3], '3'], [[3, 0], '0'], [[1_234_567], '1.23M'], [[2e20], '2E20'], [[-3], '-3'], [[0.125], '0.125'], [[98_765], '98,765'],
  ])('%j end in the label %s', (values, label) => expect(byClass(chartSvg(bars(...values)), 'value').map(textOf)).toEqual([label]));

  it('of several series are told apart by name, colour and place of the label', () => {
    const points = hours(1, 2, 3);
    const svg = chartSvg(chart({ series: [{ name: 'ordered', points }, { name: 'succeeded', points }] }));
    expect(textsOf(svg, 'text')).toEqual(expect.arrayContaining(['ordered', 'succeeded']));
    const labels = byClass(svg, 'value');
    expect(labels.map(({ attributes }) => attributes['class'])).toEqual(['value s0', 'value s1']);
    expect(Number(labels[1]!.attributes['y']) - Number(labels[0]!.attributes['y'])).toBeGreaterThanOrEqual(12);
  });

  it('are in order of time, however they came', () => {
    expect(chartSvg(chart({ series: [{ name: 'balance', points: hours(5, 6, 4).reverse() }] }))).toBe(chartSvg(chart()));
  });

  it('may be none yet', () => {
    for (const series of [[], [{ name: 'balance', points: [] }], [{ name: 'balance', points: hours(NaN, Infinity) }]]) {
      expect(textsOf(chartSvg(chart({ series })), 'text')).toContain('nothing yet');
    }
    expect(textsOf(chartSvg(chart()), 'text')).not.toContain('nothing yet');
  });

  it('may be one, seen in the middle', () => {
    expect(byClass(chartSvg(chart({ series: [{ name: 'balance', points: hours(5) }] })), 'mark')[0]!.attributes).toMatchObject({ cx: '352' });
    expect(byClass(chartSvg(bars(5)), 'mark')[0]!.attributes['d']).toMatch(/^M328 /);
  });
});

describe('many points', () => {
  const many = (count: number, spikeAt: number) => hours(...Array.from({ length: count }, (_, hour) => (hour === spikeAt ? 1000 : hour % 7)));

  it.each(['steps', 'bars'] as const)('make no large picture of %s, and what stands out is not lost', (kind) => {
    const points = many(100_000, 54_321);
    const svg = chartSvg(chart({ kind, series: [{ name: 'many', points }] }));
    expect(svg.length).toBeLessThan(40_000);
    const [drawn] = byClass(svg, kind === 'bars' ? 'mark' : 'line');
    expect(heightsOf(drawn!)).toContain(tickAt(svg, '1,000'));
  });

  it('share bars only where they must, and the picture says so', () => {
    const subtitle = (count: number) => textsOf(chartSvg(bars(...many(count, 0).map(({ value: one }) => one))), 'text')[1];
    expect(subtitle(168)).toBe('credits · UTC');
    expect(subtitle(92 * 24)).toBe('credits · UTC · each bar the highest of 8');
  });
});

it('the time axis goes by the clocks of the community', () => {
  const labels = (timeZone: string) => byClass(chartSvg(chart({ timeZone, series: [{ name: 'balance', points: hours(...Array<number>(25).fill(1)) }] })), 'middle').map(textOf);
  expect(labels('UTC')).toEqual(['3 May', '06:00', '12:00', '18:00', '4 May']);
  expect(labels('Asia/Kathmandu')).toEqual(['3 May, 06:00', '12:00', '18:00', '4 May']);
});

it('the answer is a picture that can only be looked at', () => {
  expect(svgAnswer('<svg/>')).toEqual({
    status: 200,
    body: '<svg/>',
    headers: {
      'Content-Type': 'image/svg+xml; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'private',
    },
  });
});
