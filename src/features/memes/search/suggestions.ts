import { distance } from './edit-distance.rules.js';
import { editsAllowed } from './expansion.js';
import type { SearchIndex } from './search-index.js';
import type { SearchDocument, Suggestion } from './search.types.js';
import type { Segment } from './segment.js';
import { byMemes, countTemplates } from './template-names.js';
import { foldName, tokensOf } from './text.rules.js';

/** See {@link Search.suggest}. */
export function suggestions(partitions: readonly SearchIndex<SearchDocument>[], text: string, limit: number): Suggestion[] {
  const words = tokensOf(text).map(({ word }) => word);
  const last = words.pop();
  const folded = foldName(text);
  const found = new Map<string, number>();
  const templates = countTemplates(partitions.map((partition) => partition.templates), (template) => last === undefined || template.startsWith(folded));
  for (const { name, memes } of templates.values()) found.set(name, memes);
  if (last !== undefined) {
    const segments = partitions.flatMap((partition) => partition.segments());
    add(found, words, documentsOf(segments, ({ vocabulary }) => vocabulary.startingWith(last)));
    if (found.size === 0) add(found, words, documentsOf(segments, (segment) => similarWords(segment, last)));
  }
  return [...found]
    .map(([suggestion, memes]) => ({ text: suggestion, memes }))
    .sort(byMemes((item) => item.text))
    .slice(0, limit);
}

/** Each text once: a template of that very name has no memes that the word has not. */
function add(found: Map<string, number>, before: readonly string[], documents: ReadonlyMap<string, number>): void {
  for (const [word, memes] of documents) found.set([...before, word].join(' '), memes);
}

/** How many living documents have each of some words, those that none has left out. */
function documentsOf(segments: readonly Segment<SearchDocument>[], wordsOf: (segment: Segment<SearchDocument>) => readonly number[]): Map<string, number> {
  const documents = new Map<string, number>();
  for (const segment of segments) {
    const { words, documents: counts } = segment.vocabulary;
    for (const word of wordsOf(segment)) {
      if (counts[word]! > 0) documents.set(words[word]!, (documents.get(words[word]!) ?? 0) + counts[word]!);
    }
  }
  return documents;
}

function similarWords({ vocabulary }: Segment<SearchDocument>, term: string): number[] {
  const edits = editsAllowed(term, 'normal');
  return edits === 0 ? [] : vocabulary.candidates(term, edits).filter((word) => distance(term, vocabulary.words[word]!, edits) <= edits);
}
