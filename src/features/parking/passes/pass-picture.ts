import { correction, generate, type Bitmap2D } from 'lean-qr';
import { element, type Markup } from '../../../platform/http/svg.js';

/** Pixels to a module: whole ones, so that scanners see sharp edges at the picture's own size. */
const MODULE = 4;
/** Modules of white around a QR code (ISO/IEC 18004). */
const QUIET = 4;
const MARGIN = MODULE * QUIET;
const LINE_HEIGHT = 24;
const FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif';
const SMALLEST = 9;

/**
 * A QR code with lines of text below it, the first one large. Black on white whatever its reader prefers:
 * many scanners do not read the inverse.
 *
 * @param content at most some two thousand bytes
 */
export function passPicture(content: string, lines: readonly string[]): string {
  const code = generate(content, { minCorrectionLevel: correction.M, maxCorrectionLevel: correction.M });
  const side = (code.size + 2 * QUIET) * MODULE;
  const height = side + lines.length * LINE_HEIGHT + MARGIN;
  return element(
    'svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${side} ${height}`, width: side, height, role: 'img', 'aria-labelledby': 'title' },
    element('title', { id: 'title' }, lines.join('\n')),
    element('rect', { width: side, height, fill: '#fff' }),
    element('path', { fill: '#000', 'shape-rendering': 'crispEdges', d: modulesOf(code) }),
    ...lines.map((line, index) => textLine(line, index === 0 ? 20 : 14, side, side + (index + 0.5) * LINE_HEIGHT)),
  ).xml;
}

/** Each run of dark modules in a row as one rectangle. */
function modulesOf(code: Bitmap2D): string {
  let path = '';
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) {
      if (!code.get(x, y)) continue;
      const start = x;
      while (code.get(x, y)) x += 1;
      const width = (x - start) * MODULE;
      path += `M${(start + QUIET) * MODULE} ${(y + QUIET) * MODULE}h${width}v${MODULE}h-${width}z`;
    }
  }
  return path;
}

/** SVG does not wrap lines: a long one is written smaller, and a very long one ends early; the title has all of it. */
function textLine(text: string, largest: number, side: number, y: number): Markup {
  const room = side - 2 * MARGIN;
  const size = Math.max(SMALLEST, Math.min(largest, Math.floor(room / emsOf(text))));
  const characters = [...text];
  while (emsOf(characters.join('')) * size > room) characters.pop();
  const shown = characters.join('');
  return element(
    'text', { x: side / 2, y, fill: '#000', 'text-anchor': 'middle', 'font-family': FONTS, 'font-size': size, 'font-weight': largest > 14 ? 700 : 400 },
    shown === text ? text : `${shown}…`,
  );
}

/** About how wide a text is: nobody here knows the font. */
function emsOf(text: string): number {
  return [...text].reduce((ems, character) => ems + (character < '\u1100' ? 0.6 : 1), 0);
}
