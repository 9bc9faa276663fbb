import { element, type Markup } from './svg.js';

export interface Bar {
  readonly label: string;
  /** Not below 0. */
  readonly value: number;
  /** Why it stands out, in a word; it gets a star. */
  readonly mark?: string;
}

export interface Bars {
  readonly title: string;
  /** What the values count, and what else there is to know. */
  readonly subtitle: string;
  /** Told to those who hear the picture, before the values. */
  readonly words: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 720;
const TOP = 68;
const ROW = 30;
const BOTTOM = 18;
const LABEL_RIGHT = 216;
const BAR = { left: 228, width: 380, height: 18 } as const;
/** What fits, at the widths that letters usually have. */
const LABEL_CHARACTERS = 28;

const STYLE =
  'text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#475467}' +
  '.ground{fill:#fff}.heading{font-size:16px;font-weight:600;fill:#1b1f24}.base{stroke:#98a2b3}.bar{fill:#2f6fde}.marked .bar{fill:#1a8f57}.marked text{font-weight:600;fill:#1b1f24}.end{text-anchor:end}' +
  '@media (prefers-color-scheme:dark){text{fill:#98a2b3}.ground{fill:#16181d}.heading,.marked text{fill:#f2f4f7}.base{stroke:#667085}.bar{fill:#6ea8ff}.marked .bar{fill:#4fd08c}}';

/** Values beside each other as horizontal bars, in the order given: in light or dark as its reader prefers, told in words to those who do not see it. */
export function barsSvg({ title, subtitle, words, bars }: Bars): string {
  const height = TOP + Math.max(1, bars.length) * ROW + BOTTOM;
  const most = bars.reduce((highest, { value }) => Math.max(highest, value), 1);
  return element(
    'svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${WIDTH} ${height}`, width: '100%', role: 'img', 'aria-labelledby': 'title desc' },
    element('title', { id: 'title' }, title),
    element('desc', { id: 'desc' }, [`${subtitle}.`, words, ...bars.map(inWords)].filter((sentence) => sentence !== '').join(' ')),
    element('style', {}, STYLE),
    element('rect', { class: 'ground', width: WIDTH, height, rx: 12 }),
    element('text', { class: 'heading', x: 24, y: 30 }, shortened(title, 72)),
    element('text', { x: 24, y: 50 }, shortened(subtitle, 96)),
    ...bars.map((bar, index) => row(bar, TOP + index * ROW, most)),
    element('line', { class: 'base', x1: BAR.left, x2: BAR.left, y1: TOP - 4, y2: height - BOTTOM + 4 }),
  ).xml;
}

function row({ label, value, mark }: Bar, top: number, most: number): Markup {
  const width = Math.round((value / most) * BAR.width * 10) / 10;
  const star = mark === undefined ? '' : '★ ';
  return element(
    'g', { class: mark === undefined ? 'row' : 'row marked' },
    element('title', {}, label),
    element('text', { class: 'end', x: LABEL_RIGHT, y: top + 18 }, `${star}${shortened(label, LABEL_CHARACTERS - star.length)}`),
    ...(width > 0 ? [element('rect', { class: 'bar', x: BAR.left, y: top + 4, width, height: BAR.height, rx: 2 })] : []),
    element('text', { x: BAR.left + width + 8, y: top + 18 }, value.toLocaleString('en')),
  );
}

function inWords({ label, value, mark }: Bar): string {
  return `${label}: ${value}${mark === undefined ? '' : `, ${mark}`}.`;
}

/** SVG does not wrap lines; the text is whole in a title. */
function shortened(text: string, characters: number): string {
  const all = [...text];
  return all.length <= characters ? text : `${all.slice(0, characters - 1).join('')}…`;
}
