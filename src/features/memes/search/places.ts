import { around } from 'geokdbush';
import KDBush from 'kdbush';
import { kilometres, looseKm, type NearestSearch } from './nearest.js';

/** Places per tree: one of this size is sorted in a few milliseconds, which cannot be interrupted. */
const PLACES_PER_TREE = 4_096;

/** Few, as each place of a leaf is asked for its documents. */
const PLACES_PER_LEAF = 16;

/** The different places of a base and the documents at each, in k-d trees. Documents often share one: a town. */
export class Places {
  constructor(
    private readonly lats: Float64Array,
    private readonly lons: Float64Array,
    /** The documents of place n are those from starts[n] up to starts[n + 1], by ordinal. */
    private readonly documents: Int32Array,
    private readonly starts: Int32Array,
    private readonly trees: readonly KDBush[],
  ) {}

  /** See {@link Segment.nearest}. */
  nearest(search: NearestSearch): void {
    this.trees.forEach((tree, index) => this.nearestIn(tree, index * PLACES_PER_TREE, search));
  }

  /**
   * Each place that geokdbush gives has a document for the page, so as many as the page is long are enough,
   * and those as far as the last. As geokdbush sorts by a value that is rounded otherwise than kilometres, it
   * is asked for more until one is farther beyond doubt.
   */
  private nearestIn(tree: KDBush, first: number, search: NearestSearch): void {
    const { near, top } = search;
    const km = (place: number): number => kilometres(near, this.lats[first + place]!, this.lons[first + place]!);
    const withinKm = looseKm(Math.min(search.withinKm, -top.worstKey));
    const hasAny = (place: number): boolean => this.hasDocumentOnPage(first + place, km(place), search);
    let found: number[] = [];
    for (let wanted = top.limit + 1; ; wanted *= 2) {
      found = around(tree, near.lon, near.lat, wanted, withinKm, hasAny);
      if (found.length < wanted || km(found.at(-1)!) > looseKm(km(found[top.limit - 1]!))) break;
    }
    for (const place of found) {
      const key = -km(place);
      for (let at = this.starts[first + place]!; at < this.starts[first + place + 1]!; at++) {
        const ordinal = this.documents[at]!;
        if (search.accepts(ordinal)) top.offer(ordinal, key, ordinal);
      }
    }
  }

  private hasDocumentOnPage(place: number, km: number, { withinKm, top, accepts }: NearestSearch): boolean {
    if (km > withinKm) return false;
    for (let at = this.starts[place]!; at < this.starts[place + 1]!; at++) {
      const ordinal = this.documents[at]!;
      if (top.isOnPage(-km, ordinal) && accepts(ordinal)) return true;
    }
    return false;
  }
}

/** Puts {@link Places} together; each step is a short one. */
export function* makePlaces(lats: Float64Array, lons: Float64Array, count: number): Generator<void, Places> {
  const { placeOf, placeLats, placeLons, places } = yield* distinctPlaces(lats, lons, count);
  const starts = new Int32Array(places + 1);
  for (let ordinal = 0; ordinal < count; ordinal++) if (placeOf[ordinal]! >= 0) starts[placeOf[ordinal]! + 1]! += 1;
  for (let place = 0; place < places; place++) starts[place + 1]! += starts[place]!;
  const cursors = starts.slice();
  const documents = new Int32Array(starts[places]!);
  for (let ordinal = 0; ordinal < count; ordinal++) {
    if (placeOf[ordinal]! >= 0) documents[cursors[placeOf[ordinal]!]!++] = ordinal;
    yield;
  }
  const trees: KDBush[] = [];
  for (let first = 0; first < places; first += PLACES_PER_TREE) {
    const tree = new KDBush(Math.min(PLACES_PER_TREE, places - first), PLACES_PER_LEAF);
    for (let place = first; place < first + tree.numItems; place++) tree.add(placeLons[place]!, placeLats[place]!);
    yield;
    trees.push(tree.finish());
    yield;
  }
  return new Places(placeLats, placeLons, documents, starts, trees);
}

interface DistinctPlaces {
  /** By document: the number of its place, or -1. */
  readonly placeOf: Int32Array;
  readonly placeLats: Float64Array;
  readonly placeLons: Float64Array;
  readonly places: number;
}

/** Numbers the places through a hash table of its own: a Map would stop everything each time it grows. */
function* distinctPlaces(lats: Float64Array, lons: Float64Array, count: number): Generator<void, DistinctPlaces> {
  const placeOf = new Int32Array(count).fill(-1);
  const placeLats = new Float64Array(count);
  const placeLons = new Float64Array(count);
  const table = new Int32Array(2 ** Math.ceil(Math.log2(count * 2 + 2)));
  const coordinates = new Float64Array(2);
  const bits = new Int32Array(coordinates.buffer);
  let places = 0;
  for (let ordinal = 0; ordinal < count; ordinal++) {
    const lat = lats[ordinal]!;
    const lon = lons[ordinal]!;
    if (!Number.isNaN(lat)) {
      coordinates[0] = lat;
      coordinates[1] = lon;
      let hash = 0;
      for (let at = 0; at < 4; at++) hash = Math.imul((hash ^ bits[at]!) + (hash >>> 15), 0x9e3779b1);
      let cell = (hash ^ (hash >>> 16)) & (table.length - 1);
      while (table[cell] !== 0 && (placeLats[table[cell]! - 1] !== lat || placeLons[table[cell]! - 1] !== lon)) cell = (cell + 1) & (table.length - 1);
      if (table[cell] === 0) {
        placeLats[places] = lat;
        placeLons[places] = lon;
        places += 1;
        table[cell] = places;
      }
      placeOf[ordinal] = table[cell]! - 1;
    }
    yield;
  }
  return { placeOf, placeLats, placeLons, places };
}
