/** The words of an export's text filter, in order, without repetition. Searches take words otherwise: by search/text.rules.ts. */
export function words(query: string): string[] {
  return [...new Set(query.split(/\s+/u).filter((word) => word !== ''))];
}

/** Each word is looked for in every row. */
const MOST_WORDS = 8;

/** What is wrong with a query that asks for too much at once; undefined when nothing is. */
export function tooManyWords(query: string): string | undefined {
  return words(query).length > MOST_WORDS ? `must have at most ${MOST_WORDS} words` : undefined;
}
