/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A part of a picture; both offsets from its upper left corner. */
export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}

/** Wide enough for any page, where nobody asked for a width. */
const USUAL_WIDTH = 1_200;
/** A picture that is a strip becomes narrower than asked for, before it becomes longer than this. */
const MAX_HEIGHT = 3_000;

/** What a picture is drawn at: as wide as asked for, else as it is, within reason; its sides stay in proportion. */
export function drawnSize(picture: Size, width: number = Math.min(picture.width, USUAL_WIDTH)): Size {
  const scale = Math.min(width / picture.width, MAX_HEIGHT / picture.height);
  return { width: Math.max(1, Math.round(picture.width * scale)), height: Math.max(1, Math.round(picture.height * scale)) };
}

/** Where words may stand: never at the border, and never where the others do. */
export function captionBoxes({ width, height }: Size): { upper: Box; lower: Box } {
  const margin = Math.ceil(Math.min(width, height) * 0.03);
  const inner = { left: margin, width: Math.max(1, width - 2 * margin), height: Math.max(1, Math.floor(height * 0.44) - margin) };
  return { upper: { ...inner, top: margin }, lower: { ...inner, top: Math.max(0, height - margin - inner.height) } };
}

/** Below it nobody reads anything: what does not fit even so is scaled down as a picture. */
const SMALLEST_FONT = 8;

/** The size in pixels to try first: that of few words, or about as large as so many characters can be in their box. */
export function firstFontSize(text: string, { width, height }: Size, picture: Size): number {
  const forFew = Math.min(picture.width / 12, picture.height / 7);
  const forMany = Math.sqrt((1.5 * width * height) / text.length);
  const forLines = (1.1 * height) / text.split('\n').length;
  return Math.max(SMALLEST_FONT, Math.floor(Math.min(forFew, forMany, forLines)));
}

/** The next smaller size to try after one at which the words took `used`; undefined when there is none. */
export function smallerFontSize(size: number, used: Size, { width, height }: Size): number | undefined {
  if (size === SMALLEST_FONT) return undefined;
  // The area of wrapped lines grows with the square of the size; a little less each time ends the search.
  const scale = Math.min(0.95, Math.sqrt(height / used.height), width / used.width);
  return Math.max(SMALLEST_FONT, Math.floor(size * scale));
}

/** The width of the dark line around letters of this size. */
export const outlineWidth = (fontSize: number): number => Math.max(1, Math.round(fontSize / 14));

/** The words as they are drawn: their lines kept, everything else without a shape left out. */
export function drawnText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\t/g, ' ')
    .replace(/\s*[\n\r\u2028\u2029]\s*/gu, '\n')
    .replace(/(?!\n)\p{Cc}/gu, '')
    .trim();
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** For a renderer that reads Pango's markup: what looks like markup is shown as it was written. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>]/g, (character) => ENTITIES[character]!);
}
