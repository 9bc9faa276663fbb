import type { ShownMeme } from '../dto/meme.dto.js';
import type { Highlight, SearchDocument, SearchResult } from '../search/search.types.js';

/**
 * Answers as JSON text, put together of pieces that were written before: making an object of each item, and text
 * of each object, took most of the time of a search.
 */

/** A meme with the constant part of its JSON, which is written once. */
export type WrittenMeme = SearchDocument & ShownMeme & { readonly head: string };

/** The item of a meme up to what changes with the request: an object that is not closed yet. */
export function headOf({ id, caption, template, imageUrl, lat, lon }: ShownMeme): string {
  const place = lat !== null && lon !== null ? `,"lat":${lat},"lon":${lon}` : '';
  return `{"id":"${id}","caption":${JSON.stringify(caption)},"template":${JSON.stringify(template)},"imageUrl":${JSON.stringify(imageUrl)}${place}`;
}

/** A page of memes, except for `tookMicros`: {@link closed} adds it. */
export function listText({ hits, corrected, widened }: SearchResult<WrittenMeme>, nextCursor: string | null): string {
  let items = '';
  for (const { doc, distanceKm, highlights } of hits) {
    const distance = distanceKm === undefined ? '' : `,"distanceKm":${Math.round(distanceKm * 1000) / 1000}`;
    items += `${items === '' ? '' : ','}${doc.head}${distance},"likes":${doc.likes},"kind":"${doc.kind}","highlights":[${highlightsText(highlights)}]}`;
  }
  const correction = corrected === undefined ? '' : `,"corrected":${JSON.stringify(corrected)}`;
  return `{"items":[${items}],"nextCursor":${JSON.stringify(nextCursor)}${correction}${widened ? ',"widened":true' : ''}`;
}

/** The whole answer. @param tookMicros of this request, also where the rest was found before */
export function closed(text: string, tookMicros: number): string {
  return `${text},"tookMicros":${tookMicros}}`;
}

function highlightsText(highlights: readonly Highlight[]): string {
  let text = '';
  for (const { field, start, end } of highlights) text += `${text === '' ? '' : ','}{"field":"${field}","start":${start},"end":${end}}`;
  return text;
}
