import { LONGEST_LINE, type WrittenCaption } from './caption.types.js';

const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u;

/**
 * What an endpoint wrote, which may be anything: a JSON object with `upper` and `lower`, alone or between other
 * text, or else one or two lines. Undefined when it is neither, too long, or without any visible character.
 */
export function captionIn(answer: unknown): WrittenCaption | undefined {
  if (typeof answer !== 'string') return undefined;
  // Models that reason aloud say what they thought first; some endpoints swallow the tag that opens it.
  const text = answer.split('</think>').at(-1)!.trim();
  const written = text.includes('{') ? fromJson(text) : fromLines(text);
  if (written === undefined) return undefined;
  const [upper, lower] = [lineOf(written.upper), lineOf(written.lower)];
  if (!VISIBLE.test(upper + lower)) return undefined;
  return [upper, lower].some((line) => [...line].length > LONGEST_LINE) ? undefined : { upper, lower };
}

function fromJson(text: string): WrittenCaption | undefined {
  try {
    const value: unknown = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
    const { upper = '', lower = '' } = value as Partial<Record<keyof WrittenCaption, unknown>>;
    return typeof upper === 'string' && typeof lower === 'string' ? { upper, lower } : undefined;
  } catch {
    return undefined;
  }
}

function fromLines(text: string): WrittenCaption | undefined {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  if (lines.length > 2) return undefined;
  return lines.length === 2 ? { upper: lines[0]!, lower: lines[1]! } : { upper: '', lower: text };
}

/** One line of well-formed text: control characters, line breaks of any kind and marks that turn the direction of what follows are gone. */
function lineOf(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{Bidi_Control}/gu, '')
    .trim();
}
