import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { PermissionSet } from '../../../platform/auth/permission-set.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { Cursors } from '../../../platform/http/cursor.js';
import { hasCurrent } from '../../../platform/http/etag.js';
import { VERSION } from '../../../platform/observability/version.js';
import { MemeDto } from '../dto/meme.dto.js';
import type { TemplatesQueryDto, TrendingMemesQueryDto } from '../dto/meme-pages-query.dto.js';
import type { SearchMemesQuery, SuggestMemesQuery } from '../dto/search-memes-query.dto.js';
import type { MemeKind } from '../entities/meme.js';
import { kindsInOrder } from '../meme-kinds.rules.js';
import { renderPath } from '../rendering/render-text.rules.js';
import { Search } from '../search/search.js';
import type { SearchPosition, SearchRequest, TemplateCount } from '../search/search.types.js';
import { foldName } from '../search/text.rules.js';
import { closed, listBytes } from './answer-text.rules.js';
import type { CataloguedMeme } from './catalogued-meme.js';
import { MemeCatalogue } from './meme-catalogue.service.js';

/** Of answers that are kept: some thousands of them. */
const KEPT_BYTES = 16 * 1024 * 1024;
/** What an answer costs besides its bytes and its key. */
const OVERHEAD = 500;
const ASKED_ONCE = 20_000;

/** Headers of an answer that can be kept, and be asked about again. */
type Validators = Readonly<Record<'Content-Type' | 'ETag' | 'Cache-Control' | 'Vary', string>>;

/** An answer, or its beginning, and the headers that go with it. */
interface KeptAnswer {
  readonly bytes: Buffer;
  readonly headers: Validators;
}

/**
 * What members and API clients read of the memes, out of the catalogue. What a caller must not know of does not
 * exist: answers, kept answers, cursors and validators are made of the partitions that this caller may see, and
 * of nothing else.
 */
@Injectable()
export class MemeAnswers {
  private readonly search = new Search<CataloguedMeme>();
  private readonly kept = new LRUCache<string, KeptAnswer>({ maxSize: KEPT_BYTES, sizeCalculation: ({ bytes }, key) => bytes.length + key.length + OVERHEAD });
  /** ETags of answers that were asked for once: most never are again, and what is kept for nothing is garbage of the dearest sort. */
  private readonly askedOnce = new LRUCache<string, true>({ max: ASKED_ONCE });
  private readonly templateLists = new Map<string, { readonly state: string; readonly list: readonly TemplateCount[] }>();

  constructor(
    private readonly catalogue: MemeCatalogue,
    private readonly cursors: Cursors,
  ) {}

  /** @throws requestInvalid for a cursor of another list */
  list(permissions: PermissionSet, query: SearchMemesQuery, ifNoneMatch?: string): Answer | Promise<Answer> {
    return this.catalogue.whenLoaded(() => this.listed(kindsInOrder(permissions, query.kind), query, ifNoneMatch));
  }

  /** @throws requestInvalid for a cursor of another list */
  trending(permissions: PermissionSet, { limit, cursor }: TrendingMemesQueryDto, ifNoneMatch?: string): Answer | Promise<Answer> {
    return this.list(permissions, { fuzzy: false, sort: 'trending', limit, cursor }, ifNoneMatch);
  }

  /** @throws notFound also for a meme that this caller must not know of */
  get(permissions: PermissionSet, id: string, ifNoneMatch?: string): Answer | Promise<Answer> {
    return this.catalogue.whenLoaded(() => {
      const meme = this.catalogue.find(kindsInOrder(permissions), id);
      if (meme === undefined) throw notFound();
      const headers = headersFor(`meme ${id} ${meme.changeSeq}`);
      return hasCurrent(ifNoneMatch, headers.ETag) ? notModified(headers) : new Answer(200, JSON.stringify(MemeDto.from(meme)), headers);
    });
  }

  /** Any of those that the caller may see, each as likely as another. @throws notFound when there is none */
  random(permissions: PermissionSet): Answer | Promise<Answer> {
    return this.catalogue.whenLoaded(() => {
      const meme = this.search.random(this.indexes(kindsInOrder(permissions)), Math.random);
      if (meme === undefined) throw notFound();
      return Answer.json(JSON.stringify(MemeDto.from(meme)));
    });
  }

  suggest(permissions: PermissionSet, { q, limit }: SuggestMemesQuery, ifNoneMatch?: string): Answer | Promise<Answer> {
    return this.catalogue.whenLoaded(() => {
      const kinds = kindsInOrder(permissions);
      return this.answer(kinds, JSON.stringify(['suggest', q, limit]), ifNoneMatch, () => Buffer.from(JSON.stringify({ items: this.search.suggest(this.indexes(kinds), q, limit) })));
    });
  }

  /** @throws requestInvalid for a cursor of another list */
  templates(permissions: PermissionSet, { query, limit, cursor }: TemplatesQueryDto, ifNoneMatch?: string): Answer | Promise<Answer> {
    return this.catalogue.whenLoaded(() => {
      const kinds = kindsInOrder(permissions);
      const list = JSON.stringify(['memes.templates', kinds, query]);
      const after = this.cursors.decode<[number, string]>(list, cursor);
      return this.answer(kinds, JSON.stringify([list, limit, cursor]), ifNoneMatch, () => {
        const found = templatesAfter(matching(this.templatesOf(kinds), query), after).slice(0, limit + 1);
        const { items, nextCursor } = this.cursors.page(list, found, limit, ({ memes, name }) => [memes, name]);
        return Buffer.from(JSON.stringify({ items: items.map(({ name, memes }) => ({ name, memes, imageUrl: renderPath({ template: name, upper: '', lower: '', ext: 'jpg' }) })), nextCursor }));
      });
    });
  }

  private listed(kinds: readonly MemeKind[], query: SearchMemesQuery, ifNoneMatch?: string): Answer {
    const started = performance.now();
    const { query: words, fuzzy, lat, lon, radiusKm, template, rating, sort, limit, cursor } = query;
    // A page goes on in the list that it came from: a cursor is good for the same kinds and parameters only.
    const list = JSON.stringify(['memes', kinds, words, fuzzy, lat, lon, radiusKm, template, rating, sort]);
    const after = this.cursors.decode<SearchPosition>(list, cursor);
    const near = lat === undefined || lon === undefined ? undefined : { lat, lon };
    const request: SearchRequest = { query: words, fuzzy, near, radiusKm, template, rating, sort, limit, after };
    const write = () => {
      const result = this.search.search(this.indexes(kinds), request);
      const last = result.more ? result.hits.at(-1) : undefined;
      return listBytes(result, last === undefined ? null : this.cursors.encode(list, last.position));
    };
    return this.answer(kinds, `${list}${limit} ${cursor ?? ''}`, ifNoneMatch, write, (bytes) => closed(bytes, Math.round((performance.now() - started) * 1000)));
  }

  /**
   * The answer to a request, which is found anew only when it is not known for the present state of the memes.
   *
   * @param request all that the answer depends on, apart from these kinds of memes
   */
  private answer(kinds: readonly MemeKind[], request: string, ifNoneMatch: string | undefined, write: () => Buffer, finish = (bytes: Buffer) => bytes): Answer {
    const key = `${this.catalogue.state(kinds)}\n${request}`;
    const known = this.kept.get(key);
    const headers = known?.headers ?? headersFor(key);
    if (hasCurrent(ifNoneMatch, headers.ETag)) return notModified(headers);
    if (known !== undefined) return new Answer(200, finish(known.bytes), headers);
    const bytes = write();
    if (this.askedOnce.has(headers.ETag)) this.kept.set(key, { bytes, headers });
    else this.askedOnce.set(headers.ETag, true);
    return new Answer(200, finish(bytes), headers);
  }

  private indexes(kinds: readonly MemeKind[]) {
    return this.catalogue.of(kinds).map(({ index }) => index);
  }

  private templatesOf(kinds: readonly MemeKind[]): readonly TemplateCount[] {
    const state = this.catalogue.state(kinds);
    const known = this.templateLists.get(kinds.join());
    if (known?.state === state) return known.list;
    const list = this.search.templates(this.indexes(kinds));
    this.templateLists.set(kinds.join(), { state, list });
    return list;
  }
}

/** Another version of Plaza may write the same otherwise. */
function headersFor(state: string): Validators {
  const digest = hash('sha256', `${VERSION}\n${state}`, 'base64url').slice(0, 22);
  return { 'Content-Type': 'application/json; charset=utf-8', ETag: `W/"${digest}"`, 'Cache-Control': 'private, no-cache', Vary: 'Authorization, X-Token' };
}

function notModified({ ETag, 'Cache-Control': cacheControl, Vary }: Validators): Answer {
  return new Answer(304, undefined, { ETag, 'Cache-Control': cacheControl, Vary });
}

function matching(list: readonly TemplateCount[], query: string | undefined): readonly TemplateCount[] {
  if (query === undefined) return list;
  const wanted = foldName(query);
  return list.filter(({ name }) => foldName(name).includes(wanted));
}

/** The list goes by number of memes, most first, then by name. */
function templatesAfter(list: readonly TemplateCount[], after: readonly [number, string] | undefined): readonly TemplateCount[] {
  if (after === undefined) return list;
  const [memes, name] = after;
  const at = list.findIndex((template) => template.memes < memes || (template.memes === memes && template.name > name));
  return at === -1 ? [] : list.slice(at);
}
