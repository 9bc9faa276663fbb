import type { ShownMeme } from '../dto/meme.dto.js';
import type { Highlight, SearchDocument, SearchHit, SearchResult } from '../search/search.types.js';

/**
 * Answers as the bytes of JSON text, put together of pieces that were written before: making an object of each item,
 * text of each object, and bytes of the whole text took most of the time of a search.
 */

/** A meme with the constant part of its JSON, which is written once. */
export type WrittenMeme = SearchDocument & ShownMeme & { readonly head: Buffer };

/** The item of a meme up to what changes with the request: an object that is not closed yet. */
export function headOf({ id, caption, template, imageUrl, lat, lon }: ShownMeme): Buffer {
  const place = lat !== null && lon !== null ? `,"lat":${lat},"lon":${lon}` : '';
  return Buffer.from(`{"id":"${id}","caption":${JSON.stringify(caption)},"template":${JSON.stringify(template)},"imageUrl":${JSON.stringify(imageUrl)}${place}`);
}

/** A page of memes, except for `tookMicros`: {@link closed} adds it. */
export function listBytes({ hits, corrected, widened }: SearchResult<WrittenMeme>, nextCursor: string | null): Buffer {
  const correction = corrected === undefined ? '' : `,"corrected":${JSON.stringify(corrected)}`;
  const end = Buffer.from(`],"nextCursor":${JSON.stringify(nextCursor)}${correction}${widened ? ',"widened":true' : ''}`);
  const opening = '{"items":[';
  let length = opening.length + end.length;
  const tails = hits.map((hit, place) => {
    const tail = place === hits.length - 1 ? tailOf(hit) : `${tailOf(hit)},`;
    length += hit.doc.head.length + tail.length;
    return tail;
  });
  const bytes = Buffer.allocUnsafe(length);
  let at = bytes.write(opening, 'latin1');
  for (let place = 0; place < hits.length; place++) {
    const { head } = hits[place]!.doc;
    bytes.set(head, at);
    at += head.length;
    at += bytes.write(tails[place]!, at, 'latin1');
  }
  bytes.set(end, at);
  return bytes;
}

/** The whole answer. @param tookMicros of this request, also where the rest was found before */
export function closed(bytes: Buffer, tookMicros: number): Buffer {
  return Buffer.concat([bytes, Buffer.from(`,"tookMicros":${tookMicros}}`)]);
}

/** ASCII only: as many bytes as characters. */
function tailOf({ doc, distanceKm, highlights }: SearchHit<WrittenMeme>): string {
  const distance = distanceKm === undefined ? '' : `,"distanceKm":${Math.round(distanceKm * 1000) / 1000}`;
  return `${distance},"likes":${doc.likes},"kind":"${doc.kind}","highlights":[${highlightsText(highlights)}]}`;
}

function highlightsText(highlights: readonly Highlight[]): string {
  let text = '';
  for (const { field, start, end } of highlights) text += `${text === '' ? '' : ','}{"field":"${field}","start":${start},"end":${end}}`;
  return text;
}
