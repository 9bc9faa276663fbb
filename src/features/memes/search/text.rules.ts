/** A word of a text as it is compared, and where it stands in the text. */
export interface Token {
  /** Folded: compatibility forms, case, accents and apostrophes no longer matter. */
  readonly word: string;
  /** UTF-16 offsets in the original text, the end not included. */
  readonly start: number;
  readonly end: number;
}

const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

const APOSTROPHES = /['’ʼ]/gu;
const MARKS = /\p{M}+/gu;
/** What may not be in a word, and cuts it. */
const BETWEEN_WORDS = /[^\p{L}\p{N}]+/u;
/** Longer words are cut: nobody types them, and each would cost memory. */
const LONGEST_WORD = 64;
const MOST_TERMS = 8;

/**
 * ASCII text whose words are its runs of letters and digits, apostrophes between letters or between digits
 * included. An underscore and the other signs below may join words, which is left to the segmenter.
 */
const IS_PLAIN = /^(?!.*[A-Za-z0-9][.,:;][A-Za-z0-9])[\x00-^`-\x7f]*$/s;
const PLAIN_WORD = /[A-Za-z0-9]+(?:(?:(?<=[A-Za-z])'(?=[A-Za-z])|(?<=[0-9])'(?=[0-9]))[A-Za-z0-9]+)*/g;
const IS_ASCII = /^[\x00-\x7f]*$/;

/** The words of a text in order. Languages that write without spaces are cut by their dictionaries. */
export function tokensOf(text: string): Token[] {
  return IS_PLAIN.test(text) ? plainTokens(text) : segmentedTokens(text);
}

/** The words of a query, each once, in order, at most the first 8. */
export function queryTerms(query: string): string[] {
  return [...new Set(tokensOf(query).map((token) => token.word))].slice(0, MOST_TERMS);
}

/** A name as it is compared: outer space, runs of space, width, case and accents do not matter. */
export function foldName(name: string): string {
  // Folding first: some signs become a space.
  return fold(name).trim().replace(/\s+/gu, ' ');
}

/** Most texts: a tenth of the time of the segmenter, and the same words. */
function plainTokens(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(PLAIN_WORD)) {
    const word = match[0].toLowerCase().replaceAll("'", '');
    tokens.push({ word: shortened(word), start: match.index, end: match.index + match[0].length });
  }
  return tokens;
}

function segmentedTokens(text: string): Token[] {
  const tokens: Token[] = [];
  for (const { segment, index, isWordLike } of segmenter.segment(text)) {
    if (isWordLike !== true) continue;
    for (const word of fold(segment).replace(APOSTROPHES, '').split(BETWEEN_WORDS)) {
      if (word !== '') tokens.push({ word: shortened(word), start: index, end: index + segment.length });
    }
  }
  return tokens;
}

/** NFKC, full case folding (by way of upper case, so that ß is ss; its capital has no other), and no marks. */
function fold(text: string): string {
  if (IS_ASCII.test(text)) return text.toLowerCase();
  const cased = text.normalize('NFKC').toUpperCase().toLowerCase().replaceAll('ß', 'ss').replaceAll('ς', 'σ');
  return cased.normalize('NFD').replace(MARKS, '').normalize('NFC');
}

function shortened(word: string): string {
  return word.length <= LONGEST_WORD ? word : [...word].slice(0, LONGEST_WORD).join('');
}
