import { Answer } from './answer.js';
import { timeTicks, valueTicks } from './svg-scales.js';

export interface ChartSeries {
  readonly name: string;
  readonly points: readonly { readonly at: Date; readonly value: number }[];
}

export interface Chart {
  readonly title: string;
  /** What the values count, e.g. `credits`. */
  readonly unit: string;
  /** IANA zone whose clocks label the time axis. */
  readonly timeZone: string;
  /** `steps`: a value holds until the next one. `bars`: a value stands for the time from its instant to the next. */
  readonly kind: 'steps' | 'bars';
  readonly series: readonly ChartSeries[];
}

/** All that the house draws: nothing in it runs, embeds or links. */
type ElementName = 'svg' | 'g' | 'title' | 'desc' | 'style' | 'rect' | 'path' | 'line' | 'circle' | 'text';

/** XML by {@link element}, the only thing that is not escaped when it is put into another element. */
export class Markup {
  constructor(readonly xml: string) {}
}

interface DrawnSeries {
  readonly name: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

interface Scales {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
}

const WIDTH = 720;
const HEIGHT = 300;
const PLOT = { left: 56, right: 648, top: 68, bottom: 260 } as const;
/** More bars than this are thinner than two pixels. */
const BARS = 296;
const WIDEST_BAR = 48;
const HOUR_MS = 3_600_000;
const LINE_HEIGHT = 14;

const LIGHT = ['#2f6fde', '#d9730d', '#1a8f57', '#8a4fd0', '#d23f57', '#0e8a96'];
const DARK = ['#6ea8ff', '#ffa94d', '#4fd08c', '#b58cff', '#ff7a8d', '#4dd0dc'];
const colours = (palette: readonly string[]): string => palette.map((colour, index) => `.s${index}{color:${colour}}`).join('');
const STYLE =
  'text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#667085}' +
  '.ground{fill:#fff}.heading{font-size:16px;font-weight:600;fill:#1b1f24}.grid{stroke:#e9ebef}.base{stroke:#98a2b3}' +
  '.line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}.area{fill:currentColor;opacity:.12}.mark,.value{fill:currentColor}.value{font-weight:600}' +
  `.end{text-anchor:end}.middle{text-anchor:middle}${colours(LIGHT)}` +
  '@media (prefers-color-scheme:dark){text{fill:#98a2b3}.ground{fill:#16181d}.heading{fill:#f2f4f7}.grid{stroke:#2a2e36}.base{stroke:#667085}' +
  `.value{fill:currentColor}${colours(DARK)}}`;

/**
 * Charts, one below the other, as one SVG: in light or dark as its reader prefers, as wide as there is
 * room, told in words to those who do not see it. However many points there are, it stays small.
 */
export function chartSvg(...charts: readonly Chart[]): string {
  const height = HEIGHT * charts.length;
  const panels = charts.map((chart, index) => panel(chart, index));
  return element(
    'svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${WIDTH} ${height}`, width: '100%' },
    element('style', {}, STYLE), element('rect', { class: 'ground', width: WIDTH, height, rx: 12 }), ...panels,
  ).xml;
}

/** The picture as an answer that a browser only looks at: whatever were in it, nothing in it could run. */
export function svgAnswer(svg: string): Answer<string> {
  return new Answer(200, svg, {
    'Content-Type': 'image/svg+xml; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'private',
  });
}

/** The only way to write XML here: texts and attributes are escaped in it, whatever they are. */
export function element(name: ElementName, attributes: Readonly<Record<string, string | number>>, ...content: readonly (Markup | string)[]): Markup {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`).join('');
  return new Markup(`<${name}${written}>${content.map((part) => (part instanceof Markup ? part.xml : escaped(part))).join('')}</${name}>`);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** What XML 1.0 §2.2 has no character for, such as most control characters and half a surrogate pair, is replaced. */
function escaped(text: string): string {
  return text.replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD').replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

function panel(chart: Chart, index: number): Markup {
  const series = chart.series.map(drawable);
  const bars = chart.kind === 'bars' ? barsOf(series) : undefined;
  const ids = { title: `title-${index}`, desc: `desc-${index}` };
  const unit = [chart.unit, chart.timeZone, ...(bars && bars.together > 1 ? [`each bar the highest of ${bars.together}`] : [])].join(' · ');
  return element(
    'g', { role: 'img', 'aria-labelledby': `${ids.title} ${ids.desc}`, transform: `translate(0 ${index * HEIGHT})` },
    element('title', { id: ids.title }, chart.title),
    element('desc', { id: ids.desc }, inWords(chart, series)),
    element('text', { class: 'heading', x: PLOT.left, y: 30 }, shortened(chart.title, 64)),
    element('text', { x: PLOT.left, y: 50 }, shortened(unit, series.length > 1 ? 40 : 90)),
    ...(series.length > 1 ? legend(series) : []),
    ...(series.some(({ points }) => points.length > 0) ? plot(chart, bars?.series ?? series, bars) : nothingYet()),
  );
}

/** Points in the order of time, of values that can be drawn: no NaN, and nothing so large or small that arithmetic fails. */
function drawable({ name, points }: ChartSeries): DrawnSeries {
  return {
    name,
    points: points
      .filter(({ value }) => Number.isFinite(value))
      .map(({ at, value }) => ({ at: at.getTime(), value: Math.abs(value) < 1e-300 ? 0 : Math.max(-1e300, Math.min(1e300, value)) }))
      .sort((one, other) => one.at - other.at),
  };
}

interface Bars {
  readonly series: readonly DrawnSeries[];
  readonly widthMs: number;
  /** How many values share a bar. */
  readonly together: number;
}

/** A bar for each value; where they would be too thin, neighbours share one, which shows what stands out. */
function barsOf(series: readonly DrawnSeries[]): Bars {
  const times = [...new Set(series.flatMap(({ points }) => points.map(({ at }) => at)))].sort((one, other) => one - other);
  const [first = 0] = times;
  const slotMs = times.slice(1).reduce((least, at, index) => Math.min(least, at - times[index]!), Infinity);
  const valueMs = Number.isFinite(slotMs) ? slotMs : HOUR_MS;
  const together = Math.ceil((((times.at(-1) ?? 0) - first) / valueMs + 1) * series.length / BARS);
  const widthMs = valueMs * Math.max(1, together);
  return {
    widthMs,
    together,
    series: series.map(({ name, points }) => {
      const highest = new Map<number, number>();
      for (const { at, value } of points) {
        const start = first + Math.floor((at - first) / widthMs) * widthMs;
        if (Math.abs(value) >= Math.abs(highest.get(start) ?? 0)) highest.set(start, value);
      }
      return { name, points: [...highest].map(([at, value]) => ({ at, value })) };
    }),
  };
}

function plot({ timeZone }: Chart, series: readonly DrawnSeries[], bars: Bars | undefined): Markup[] {
  const points = series.flatMap((one) => one.points);
  const ticks = valueTicks(points.map(({ value }) => value));
  const times = points.map(({ at }) => at);
  const [first, last] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
  // A single moment stands in the middle of its day.
  const aside = bars === undefined && first === last ? 12 * HOUR_MS : 0;
  const [from, to] = [first - aside, last + (bars?.widthMs ?? aside)];
  const [lowest, highest] = [ticks[0]!, ticks.at(-1)!];
  const scales: Scales = {
    x: (at) => rounded(PLOT.left + ((at - from) / (to - from)) * (PLOT.right - PLOT.left)),
    y: (value) => rounded(PLOT.bottom - (value / (highest - lowest) - lowest / (highest - lowest)) * (PLOT.bottom - PLOT.top)),
  };
  return [
    ...ticks.flatMap((value) => [
      element('line', { class: value === 0 ? 'base' : 'grid', x1: PLOT.left, x2: PLOT.right, y1: scales.y(value), y2: scales.y(value) }),
      element('text', { class: 'end', x: PLOT.left - 8, y: scales.y(value) + 4 }, formatted(value)),
    ]),
    ...timeTicks(new Date(from), new Date(to), timeZone, bars?.widthMs).map(({ at, label }) =>
      element('text', { class: 'middle', x: scales.x(at.getTime()), y: PLOT.bottom + 22 }, label),
    ),
    ...series.map((one, index) => element('g', { class: colourClass(index) }, ...(bars ? barMarks(one, index, series.length, bars, scales) : stepMarks(one, series.length, scales)))),
    ...lastValues(series, bars, scales),
  ];
}

function barMarks({ points }: DrawnSeries, index: number, count: number, { widthMs }: Bars, { x, y }: Scales): Markup[] {
  const path = points.filter(({ value }) => value !== 0).map(({ at, value }) => {
    const [slotStart, slotEnd] = [x(at), x(at + widthMs)];
    const slot = (slotEnd - slotStart) / count;
    const width = Math.min(slot * 0.84, WIDEST_BAR);
    const left = rounded(slotStart + slot * (index + 0.5) - width / 2);
    return `M${left} ${y(0)}V${y(value)}h${rounded(width)}V${y(0)}z`;
  });
  return path.length === 0 ? [] : [element('path', { class: 'mark', d: path.join('') })];
}

/** Of the points that share a pixel the extremes and the last are drawn: the line looks as it would with all. */
function stepMarks({ points }: DrawnSeries, count: number, { x, y }: Scales): Markup[] {
  const columns = new Map<number, { lowest: number; highest: number; last: number }>();
  for (const { at, value } of points) {
    const column = Math.round(x(at));
    const { lowest, highest } = columns.get(column) ?? { lowest: value, highest: value };
    columns.set(column, { lowest: Math.min(lowest, value), highest: Math.max(highest, value), last: value });
  }
  const [[firstColumn] = [PLOT.left]] = columns;
  let path = '';
  for (const [column, { lowest, highest, last }] of columns) {
    const heights = new Set([lowest, highest, last].map(y));
    path += path === '' ? `M${column} ${y(lowest)}` : `H${column}`;
    if (heights.size > 1) path += `V${y(lowest)}V${y(highest)}`;
    path += `V${y(last)}`;
  }
  if (path === '') return [];
  const end = points.at(-1)!;
  return [
    ...(count === 1 ? [element('path', { class: 'area', d: `${path}V${y(0)}H${firstColumn}z` })] : []),
    element('path', { class: 'line', d: path }),
    element('circle', { class: 'mark', cx: x(end.at), cy: y(end.value), r: 3.5 }),
  ];
}

/** Where each series ends, said to its right; labels that would cover each other move apart. */
function lastValues(series: readonly DrawnSeries[], bars: Bars | undefined, { x, y }: Scales): Markup[] {
  const ends = series.flatMap(({ points }, index) => {
    const end = points.at(-1);
    return end === undefined ? [] : [{ index, x: x(end.at + (bars?.widthMs ?? 0)), y: y(end.value) + 4, value: end.value }];
  });
  let free = -Infinity;
  return ends.sort((one, other) => one.y - other.y).map((end) => {
    free = Math.max(end.y, free) + LINE_HEIGHT;
    return element('text', { class: `value ${colourClass(end.index)}`, x: end.x + 9, y: rounded(free - LINE_HEIGHT) }, formatted(end.value));
  });
}

/** From the right edge leftwards, as far as there is room beside the unit. */
function legend(series: readonly DrawnSeries[]): Markup[] {
  let right: number = WIDTH - 24;
  return [...series.entries()].reverse().flatMap(([index, { name }]) => {
    const label = shortened(name, 18);
    const left = right - 20 - [...label].length * 6.5;
    if (left < WIDTH / 3) return [];
    right = left - 8;
    return [
      element('g', { class: colourClass(index) }, element('rect', { class: 'mark', x: left, y: 41, width: 10, height: 10, rx: 2 })),
      element('text', { x: left + 15, y: 50 }, label),
    ];
  });
}

function nothingYet(): Markup[] {
  return [
    element('line', { class: 'base', x1: PLOT.left, x2: PLOT.right, y1: PLOT.bottom, y2: PLOT.bottom }),
    element('text', { class: 'middle', x: (PLOT.left + PLOT.right) / 2, y: (PLOT.top + PLOT.bottom) / 2 }, 'nothing yet'),
  ];
}

/** The chart for those who hear it. */
function inWords({ unit, timeZone }: Chart, series: readonly DrawnSeries[]): string {
  const when = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone });
  const sentences = series.filter(({ points }) => points.length > 0).map(({ name, points }) => {
    const values = points.map(({ value }) => value);
    const [lowest, highest] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    return `${name}: ${when.format(points[0]!.at)} to ${when.format(points.at(-1)!.at)} (${timeZone}), lowest ${lowest}, highest ${highest}, last ${values.at(-1)} ${unit}.`;
  });
  return sentences.length === 0 ? 'Nothing yet.' : sentences.join(' ');
}

function formatted(value: number): string {
  const size = Math.abs(value);
  const options: Intl.NumberFormatOptions =
    size >= 1e15 || (size > 0 && size < 1e-4) ? { notation: 'scientific', maximumFractionDigits: 2 } : size >= 1e5 ? { notation: 'compact', maximumFractionDigits: 2 } : { maximumFractionDigits: size < 10 ? 4 : 1 };
  return new Intl.NumberFormat('en', options).format(value);
}

/** SVG does not wrap lines; the title is whole in its own element. */
function shortened(text: string, characters: number): string {
  const all = [...text];
  return all.length <= characters ? text : `${all.slice(0, characters - 1).join('')}…`;
}

function colourClass(index: number): string {
  return `s${index % LIGHT.length}`;
}

function rounded(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
