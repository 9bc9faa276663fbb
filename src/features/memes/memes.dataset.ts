import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { PermissionSet } from '../../platform/auth/permission-set.js';
import { Permission } from '../../platform/auth/permissions.js';
import type { Snapshot } from '../../platform/database/transactions.js';
import type { Dataset, DatasetColumn, DatasetFilter, DatasetRequest, Row } from '../../platform/datasets/dataset.js';
import { Datasets } from '../../platform/datasets/datasets.js';
import { keysetPages } from '../../platform/datasets/keyset-pages.js';
import { MEME_RATINGS, type Meme, type MemeRating } from './entities/meme.js';
import { kindsFor, readableKinds } from './meme-kinds.rules.js';
import { MemeRepository, type MemeFilter } from './meme.repository.js';
import { tooManyWords, words } from './memes-dataset.rules.js';

/** Every visible meme, oldest first; generated ones only for members entitled to them. */
@Injectable()
export class MemesDataset implements Dataset, OnModuleInit {
  readonly name = 'memes';
  readonly personal = false;

  readonly columns: readonly DatasetColumn[] = [
    { name: 'id', type: 'string' },
    { name: 'externalId', type: 'string' },
    { name: 'template', type: 'string' },
    { name: 'caption', type: 'string' },
    { name: 'upper', type: 'string' },
    { name: 'lower', type: 'string' },
    { name: 'language', type: 'string' },
    { name: 'imageUrl', type: 'string' },
    { name: 'lat', type: 'number' },
    { name: 'lon', type: 'number' },
    { name: 'tags', type: 'string' },
    { name: 'rating', type: 'string' },
    { name: 'kind', type: 'string' },
    { name: 'likes', type: 'integer' },
    { name: 'createdAt', type: 'instant' },
  ];

  readonly filters: readonly DatasetFilter[] = [
    { name: 'template', type: 'string', description: 'name of the template, whole' },
    { name: 'query', type: 'string', description: 'words, at most 8, that must all occur in the caption or in the name of the template', faultOf: tooManyWords },
    { name: 'kind', type: 'string', description: 'only memes of this kind', values: kindsFor },
    { name: 'rating', type: 'string', description: 'only memes that moderators gave this rating', values: MEME_RATINGS },
  ];

  constructor(
    private readonly datasets: Datasets,
    private readonly memes: MemeRepository,
  ) {}

  onModuleInit(): void {
    this.datasets.register(this);
  }

  mayRead(permissions: PermissionSet): boolean {
    return permissions.has(Permission.MemesRead);
  }

  mayReadAllOf({ filters, permissions: shown }: Omit<DatasetRequest, 'memberId'>, permissions: PermissionSet): boolean {
    const kinds = kindsFor(permissions);
    return readableKinds(shown, filters.kind).every((kind) => kinds.includes(kind));
  }

  count(snapshot: Snapshot, request: DatasetRequest): Promise<number> {
    return this.memes.count(snapshot, filterOf(request));
  }

  pages(snapshot: Snapshot, request: DatasetRequest, pageSize: number): AsyncIterable<readonly Row[]> {
    const filter = filterOf(request);
    return keysetPages({
      pageSize,
      list: (afterId?: string) => this.memes.listAfter(snapshot, filter, { afterId, limit: pageSize }),
      keyOf: ({ id }) => id,
      rowOf,
    });
  }
}

function filterOf({ filters, permissions }: DatasetRequest): MemeFilter {
  return {
    kinds: readableKinds(permissions, filters.kind),
    words: typeof filters.query === 'string' ? words(filters.query) : [],
    template: typeof filters.template === 'string' ? filters.template : undefined,
    rating: filters.rating as MemeRating | undefined,
  };
}

function rowOf(meme: Meme): Row {
  return {
    id: meme.id,
    externalId: meme.externalId,
    template: meme.template,
    caption: meme.caption,
    upper: meme.upper,
    lower: meme.lower,
    language: meme.language,
    imageUrl: meme.imageUrl,
    lat: meme.lat,
    lon: meme.lon,
    tags: meme.tags.join(','),
    rating: meme.rating,
    kind: meme.kind,
    likes: meme.likes,
    createdAt: meme.createdAt,
  };
}
