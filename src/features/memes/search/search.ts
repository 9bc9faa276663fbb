import { Alignment } from './alignment.js';
import { firstNotBefore } from './columns.js';
import { correctedQuery } from './correction.js';
import { Expansion, type Tolerance } from './expansion.js';
import { kilometres } from './nearest.js';
import { Ranking } from './ranking.js';
import type { SearchIndex } from './search-index.js';
import type { SearchDocument, SearchHit, SearchRequest, SearchResult, SearchSort, Suggestion, TemplateCount } from './search.types.js';
import type { Segment } from './segment.js';
import { suggestions } from './suggestions.js';
import { byMemes, countTemplates } from './template-names.js';
import { foldName, queryTerms } from './text.rules.js';
import { TopList, type After } from './top-list.js';

/** A request, read. */
interface Plan {
  readonly request: SearchRequest;
  /** Undefined without a query; empty when the query has no word. */
  readonly terms: readonly string[] | undefined;
  readonly sort: SearchSort;
  readonly template: string | undefined;
  /** Where the page begins. */
  readonly after: { readonly partition: number; readonly isWidened: boolean; readonly key: number; readonly id: string } | undefined;
}

/** A document that was found. */
interface Found<Doc extends SearchDocument> {
  readonly partition: number;
  readonly segment: Segment<Doc>;
  readonly expansion: Expansion | undefined;
  readonly ordinal: number;
  readonly key: number;
  readonly id: string;
}

type Page<Doc extends SearchDocument> = Omit<SearchResult<Doc>, 'widened'>;

/**
 * Answers over partitions that are named per request, in this order: all hits of the first come before those
 * of the second. What is only in a partition that was not named has no influence on any answer.
 */
export class Search<Doc extends SearchDocument> {
  private readonly alignment = new Alignment();
  private readonly ranking = new Ranking(this.alignment);

  /** The page that is asked for. A `distance` sort without a place is by `new`, and a radius without one is not looked at. */
  search(partitions: readonly SearchIndex<Doc>[], request: SearchRequest): SearchResult<Doc> {
    const plan = planOf(request);
    if (plan.terms?.length === 0) return { hits: [], more: false, widened: false };
    const isWidened = plan.after?.isWidened ?? false;
    const page = this.page(partitions, plan, isWidened);
    if (isWidened || !request.fuzzy || plan.terms === undefined || plan.after !== undefined || page.hits.length > 0) return { ...page, widened: isWidened };
    const wider = this.page(partitions, plan, true);
    return { ...wider, widened: wider.hits.length > 0 };
  }

  /** The text with its last word completed, and templates that begin so; when nothing does, similar words. */
  suggest(partitions: readonly SearchIndex<Doc>[], text: string, limit: number): Suggestion[] {
    return suggestions(partitions, text, limit);
  }

  /** Any document, each equally likely; undefined when there is none. `random` answers at least 0 and less than 1. */
  random(partitions: readonly SearchIndex<Doc>[], random: () => number): Doc | undefined {
    const segments = partitions.flatMap((partition) => partition.segments());
    let skip = Math.floor(random() * segments.reduce((sum, { documents }) => sum + documents.living, 0));
    const segment = segments.find(({ documents: { living } }) => skip < living || ((skip -= living), false));
    return segment?.documents.nthLiving(skip);
  }

  /** Templates, most memes first, then by name. Spellings of one name count together, under the one that most memes use. */
  templates(partitions: readonly SearchIndex<Doc>[]): TemplateCount[] {
    return [...countTemplates(partitions.map(({ templates }) => templates)).values()].sort(byMemes(({ name }) => name));
  }

  private page(partitions: readonly SearchIndex<Doc>[], plan: Plan, isWidened: boolean): Page<Doc> {
    const { terms, request } = plan;
    const tolerance: Tolerance = isWidened ? 'widened' : request.fuzzy ? 'normal' : 'none';
    const sources = partitions.flatMap((index, partition) =>
      index.segments().map((segment) => ({ index, partition, segment, expansion: terms && new Expansion(segment, terms, tolerance) })),
    );
    const expansions = sources.flatMap(({ expansion }) => expansion ?? []);
    try {
      const found: Found<Doc>[] = [];
      for (let partition = plan.after?.partition ?? 0; partition < partitions.length && found.length <= request.limit; partition++) {
        const lists = sources.filter((source) => source.partition === partition).map((source) => this.best(source, plan));
        found.push(...merged(lists, plan.sort === 'new' || plan.sort === 'trending' ? newestFirst : oldestFirst));
      }
      const corrected = request.fuzzy && terms !== undefined ? correctedQuery(terms, expansions) : undefined;
      return {
        hits: found.slice(0, request.limit).map((each) => this.hit(each, request, isWidened)),
        more: found.length > request.limit,
        ...(corrected === undefined ? {} : { corrected }),
      };
    } finally {
      for (const expansion of expansions) expansion.clear();
    }
  }

  /** One more than the page is long, to know whether there are more. */
  private best(source: Source<Doc>, plan: Plan): Found<Doc>[] {
    const { index, partition, segment, expansion } = source;
    const { sort, request, after } = plan;
    const conditions = conditionsOf(index, segment, plan);
    if (conditions === undefined) return [];
    const order = sort === 'new' || sort === 'trending' ? 'descending' : 'ascending';
    const top = new TopList(request.limit + 1, order, after?.partition === partition ? afterIn(segment, after, order) : undefined);
    const withinKm = request.near === undefined ? Infinity : (request.radiusKm ?? Infinity);
    this.ranking.rank({ segment, expansion, sort, near: request.near, withinKm, accepts: conditions, top });
    return top.sorted().map(({ entry, key }) => ({ partition, segment, expansion, ordinal: entry, key, id: segment.documents.ids[entry]! }));
  }

  private hit({ segment, expansion, ordinal, partition, key, id }: Found<Doc>, { near }: SearchRequest, isWidened: boolean): SearchHit<Doc> {
    const { documents } = segment;
    const km = near === undefined ? NaN : kilometres(near, documents.lats[ordinal]!, documents.lons[ordinal]!);
    const doc = documents.docs[ordinal]!;
    const highlights = expansion === undefined ? [] : this.alignment.highlights(expansion, documents, ordinal);
    const position = [partition, isWidened ? 1 : 0, key, id];
    return Number.isNaN(km) ? { doc, highlights, position } : { doc, distanceKm: km, highlights, position };
  }
}

interface Source<Doc extends SearchDocument> {
  readonly index: SearchIndex<Doc>;
  readonly partition: number;
  readonly segment: Segment<Doc>;
  readonly expansion: Expansion | undefined;
}

function planOf(request: SearchRequest): Plan {
  const terms = request.query === undefined || request.query.trim() === '' ? undefined : queryTerms(request.query);
  const [partition, widened, key, id] = (request.after ?? []) as [number?, number?, number?, string?];
  return {
    request,
    terms,
    sort: effectiveSort(request, terms !== undefined),
    template: request.template === undefined ? undefined : foldName(request.template),
    after: request.after === undefined ? undefined : { partition: partition!, isWidened: widened === 1, key: key!, id: id! },
  };
}

function effectiveSort({ sort, near }: SearchRequest, hasQuery: boolean): SearchSort {
  if (sort === 'relevance' && !hasQuery) return near === undefined ? 'new' : 'distance';
  return sort === 'distance' && near === undefined ? 'new' : sort;
}

/** Whether a document of the segment is alive and as the request wants it; undefined when none can be. */
function conditionsOf(index: SearchIndex<SearchDocument>, { documents }: Segment<SearchDocument>, { request, template }: Plan): ((ordinal: number) => boolean) | undefined {
  const { alive, templates, ratings, lats, lons } = documents;
  const templateNumber = template === undefined ? undefined : index.templates.numberOf(template);
  const ratingNumber = request.rating === undefined ? undefined : index.ratingNumber(request.rating);
  if ((template !== undefined && templateNumber === undefined) || (request.rating !== undefined && ratingNumber === undefined)) return undefined;
  const { near, radiusKm } = request;
  return (ordinal) =>
    alive[ordinal] === 1 &&
    (templateNumber === undefined || templates[ordinal] === templateNumber) &&
    (ratingNumber === undefined || ratings[ordinal] === ratingNumber) &&
    (near === undefined || radiusKm === undefined || kilometres(near, lats[ordinal]!, lons[ordinal]!) <= radiusKm);
}

/** Where the position before the page is among the ranks of a segment, which may or may not have its document. */
function afterIn({ byId, documents: { ids } }: Segment<SearchDocument>, { key, id }: { key: number; id: string }, order: 'ascending' | 'descending'): After {
  if (order === 'descending') return { key, rank: -firstNotBefore(byId.length, (rank) => ids[byId[rank]!]! < id) };
  return { key, rank: firstNotBefore(byId.length, (rank) => ids[byId[rank]!]! <= id) - 1 };
}

/** Sorted lists as one. */
function merged<Item>(lists: readonly Item[][], order: (a: Item, b: Item) => number): Item[] {
  const filled = lists.filter((list) => list.length > 0);
  return filled.length === 1 ? filled[0]! : filled.flat().sort(order);
}

function oldestFirst(a: { key: number; id: string }, b: { key: number; id: string }): number {
  return b.key - a.key || (a.id < b.id ? -1 : 1);
}

function newestFirst(a: { key: number; id: string }, b: { key: number; id: string }): number {
  return b.key - a.key || (a.id < b.id ? 1 : -1);
}
