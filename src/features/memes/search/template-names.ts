import type { TemplateCount } from './search.types.js';
import { foldName } from './text.rules.js';

/** Spellings of one template name, and how many memes use each. */
export interface TemplateGroup {
  readonly folded: string;
  /** What the columns of the documents say. */
  readonly number: number;
  readonly spellings: Map<string, number>;
}

/** The template names of a partition, numbered and counted. A name that nobody uses any more is forgotten. */
export class TemplateNames {
  private readonly byFolded = new Map<string, TemplateGroup>();
  private readonly bySpelling = new Map<string, TemplateGroup>();
  private numbers = 0;

  /** Counts one more meme; answers the number of its template. */
  add(name: string): number {
    const group = this.bySpelling.get(name) ?? this.join(name);
    group.spellings.set(name, (group.spellings.get(name) ?? 0) + 1);
    return group.number;
  }

  /** Counts one meme less of a name that was added. */
  remove(name: string): void {
    const group = this.bySpelling.get(name)!;
    const left = group.spellings.get(name)! - 1;
    if (left > 0) {
      group.spellings.set(name, left);
      return;
    }
    group.spellings.delete(name);
    this.bySpelling.delete(name);
    if (group.spellings.size === 0) this.byFolded.delete(group.folded);
  }

  /** The number of a template by its folded name; undefined when no meme has it. */
  numberOf(folded: string): number | undefined {
    return this.byFolded.get(folded)?.number;
  }

  groups(): Iterable<TemplateGroup> {
    return this.byFolded.values();
  }

  private join(name: string): TemplateGroup {
    const folded = foldName(name);
    const group = this.byFolded.get(folded) ?? { folded, number: this.numbers++, spellings: new Map<string, number>() };
    this.byFolded.set(folded, group);
    this.bySpelling.set(name, group);
    return group;
  }
}

/** Templates of several partitions by folded name: their memes, and the spelling that most of them use. */
export function countTemplates(partitions: Iterable<TemplateNames>, isWanted: (folded: string) => boolean = () => true): Map<string, TemplateCount> {
  const spellings = new Map<string, Map<string, number>>();
  for (const names of partitions) {
    for (const group of names.groups()) {
      if (!isWanted(group.folded)) continue;
      const counts = spellings.get(group.folded) ?? new Map<string, number>();
      for (const [name, memes] of group.spellings) counts.set(name, (counts.get(name) ?? 0) + memes);
      spellings.set(group.folded, counts);
    }
  }
  return new Map([...spellings].map(([folded, counts]) => [folded, { name: commonest(counts), memes: total(counts) }]));
}

/** Most memes first, then in the order of code units. */
export function byMemes<Item extends { readonly memes: number }>(textOf: (item: Item) => string): (a: Item, b: Item) => number {
  return (a, b) => b.memes - a.memes || (textOf(a) < textOf(b) ? -1 : textOf(a) > textOf(b) ? 1 : 0);
}

function commonest(counts: ReadonlyMap<string, number>): string {
  let best: string | undefined;
  for (const [name, memes] of counts) {
    if (best === undefined || memes > counts.get(best)! || (memes === counts.get(best)! && name < best)) best = name;
  }
  return best!;
}

function total(counts: ReadonlyMap<string, number>): number {
  let memes = 0;
  for (const count of counts.values()) memes += count;
  return memes;
}
