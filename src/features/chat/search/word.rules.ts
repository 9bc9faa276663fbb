/** What a message must have in it to be found. */
export interface WordQuery {
  /** These words. */
  readonly words: readonly string[];
  /** And one that begins like this. */
  readonly prefix: string;
}

/** In code points: longer words are cut. */
export const LONGEST_WORD = 64;

/** Signs inside of words that nobody types: the soft hyphen, joiners. */
const UNSEEN = /[\u00ad\u200d\u2060]/gu;
const RUN = /[\p{L}\p{N}\p{M}]+/gu;
const MARKS = /\p{M}+/gu;
const IS_ASCII = /^[\x00-\x7f]*$/;
/** Chinese and Japanese are looked up by pairs of characters: where their words end is a matter of opinion, and so of the version of a dictionary. */
const IDEOGRAPH = '[\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}]';
/** Scripts without spaces of which only a dictionary knows the words. */
const UNSPACED = '[\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Mymr}]';
/** The parts of a run, by how they are cut. */
const PARTS = new RegExp(`(?<ideographs>${IDEOGRAPH}(?:${IDEOGRAPH}|\\p{M})*)|(?<unspaced>${UNSPACED}(?:${UNSPACED}|\\p{M})*)|(?:(?!${IDEOGRAPH}|${UNSPACED}).)+`, 'gsu');
const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** The words of a text under which it is found, each once: case, accents, width and forms of letters do not matter. */
export function wordsOf(text: string): string[] {
  return [...new Set(piecesOf(text).flatMap((piece) => ('word' in piece ? [piece.word] : [...piece.ideographs, ...pairsOf(piece.ideographs)])))];
}

/** What somebody looks for: all words, the last one as far as it is typed. Undefined when there is no word in it. */
export function queryOf(text: string): WordQuery | undefined {
  const words = piecesOf(text).flatMap((piece) => ('word' in piece ? [piece.word] : piece.ideographs.length === 1 ? piece.ideographs : pairsOf(piece.ideographs)));
  const prefix = words.pop();
  return prefix === undefined ? undefined : { words: [...new Set(words)], prefix };
}

type Piece = { readonly word: string } | { readonly ideographs: readonly string[] };

/** In their order. */
function piecesOf(text: string): Piece[] {
  const runs = text.normalize('NFC').replace(UNSEEN, '').match(RUN) ?? [];
  return runs.flatMap((run): Piece[] => {
    if (IS_ASCII.test(run)) return [wordPiece(run.toLowerCase())];
    return [...run.matchAll(PARTS)].flatMap(({ 0: part, groups }): Piece[] => {
      if (groups?.['ideographs'] !== undefined) return folded(part).map((word) => ({ ideographs: [...word] }));
      const words = groups?.['unspaced'] === undefined ? [part] : [...segmenter.segment(part)].map(({ segment }) => segment);
      return words.flatMap(folded).map(wordPiece);
    });
  });
}

function wordPiece(word: string): Piece {
  return { word: word.length <= LONGEST_WORD ? word : [...word].slice(0, LONGEST_WORD).join('') };
}

function pairsOf(characters: readonly string[]): string[] {
  return characters.slice(1).map((character, i) => `${characters[i]!}${character}`);
}

/**
 * A part of a word as it is compared. By way of upper case, so that ß is ss and all sigmas are one; marks go before that,
 * for some have a capital letter of their own. What comes apart, such as ½, is several.
 */
function folded(part: string): string[] {
  const bare = part.normalize('NFKD').replace(MARKS, '');
  const cased = bare.toUpperCase().toLowerCase().replaceAll('ß', 'ss').replaceAll('ς', 'σ');
  return cased.normalize('NFKD').replace(MARKS, '').match(RUN) ?? [];
}
