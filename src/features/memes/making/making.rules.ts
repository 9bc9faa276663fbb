import type { Actor } from '../../../platform/auth/actor.js';
import { Permission } from '../../../platform/auth/permissions.js';
import type { Meme } from '../entities/meme.js';
import { kindsFor } from '../meme-kinds.rules.js';
import { decodeText, renderPath } from '../rendering/render-text.rules.js';

/** Members who object to a meme before it waits for a moderator. */
const REPORTS_TO_PENDING = 3;

/** What can be changed about a meme. */
export type MemeEdit = Partial<Pick<Meme, 'upper' | 'lower' | 'tags' | 'lat' | 'lon' | 'template' | 'language' | 'status' | 'rating'>>;

type Owned = Pick<Meme, 'createdBy' | 'kind' | 'status'>;

const isOwn = ({ memberId }: Actor, { createdBy }: Owned): boolean => createdBy === memberId;

const moderates = ({ permissions }: Actor): boolean => permissions.has(Permission.MemesModerate);

/** Whether the meme exists for this actor: what waits or was taken down does so for its maker and for moderators only. */
export function isKnownTo(actor: Actor, meme: Owned): boolean {
  if (meme.status === 'deleted' || !kindsFor(actor.permissions).includes(meme.kind)) return false;
  return meme.status === 'visible' || isOwn(actor, meme) || moderates(actor);
}

/** Whether this actor may change and delete the meme. */
export function mayChange(actor: Actor, meme: Owned): boolean {
  return isOwn(actor, meme) || moderates(actor);
}

/** Whether the change is a moderator's business: what is shown, what it is rated, and anything of another's meme. */
export function isModeration(actor: Actor, meme: Owned, { status, rating }: MemeEdit = {}): boolean {
  return status !== undefined || rating !== undefined || !isOwn(actor, meme);
}

/** What a rating is about. */
const RATED_FIELDS = new Set(['upper', 'lower', 'tags', 'template']);

/** Whether who made the meme now says something else than what a moderator has rated. */
export function outdatesRating(actor: Actor, { rating }: Pick<Meme, 'rating'>, change: Partial<Meme>): boolean {
  return rating !== 'unrated' && !moderates(actor) && Object.keys(change).some((field) => RATED_FIELDS.has(field));
}

/** Whether so many members who object are enough. What a moderator has rated and left to be seen is for moderators alone to take down. */
export function isToWait({ rating }: Pick<Meme, 'rating'>, reports: number): boolean {
  return rating === 'unrated' && reports >= REPORTS_TO_PENDING;
}

/** Whether the actor may do all that this edit does. */
export function mayEdit(actor: Actor, meme: Owned, edit: MemeEdit): boolean {
  return moderates(actor) || !isModeration(actor, meme, edit);
}

/** All the words on a picture. */
export function captionOf(upper: string, lower: string): string {
  return `${upper} ${lower}`.trim();
}

/** In characters: as many as are kept of a caption. Only words of imported memes come near. */
const LONGEST_CAPTION = 2_000;

/** Whether the words can be kept as one caption. */
export function isCaptionKept({ caption }: Pick<Meme, 'caption'>): boolean {
  return [...caption].length <= LONGEST_CAPTION;
}

/** Whether there is anything to find the meme by. */
export function hasWords({ upper, lower, tags }: Pick<Meme, 'upper' | 'lower' | 'tags'>): boolean {
  return captionOf(upper, lower) !== '' || tags.length > 0;
}

/** The name of a template that is a file: without its extension. */
export function templateOf(fileName: string): string {
  return /^(.+)\.[^.]+$/.exec(fileName)?.[1] ?? fileName;
}

const DRAWN_HERE = /^\/api\/memes\/render\/([^/]+)\//;

/** Every field that the edit gives another value, with what follows from it: the caption, and the picture where it is drawn here. */
export function changesOf(meme: Meme, edit: MemeEdit): Partial<Meme> {
  const { upper = meme.upper, lower = meme.lower } = edit;
  const isReworded = upper !== meme.upper || lower !== meme.lower;
  const after: Partial<Meme> = { ...edit, ...(isReworded && { caption: captionOf(upper, lower), imageUrl: redrawn(meme.imageUrl, upper, lower) }) };
  return Object.fromEntries(Object.entries(after).filter(([field, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(meme[field as keyof Meme])));
}

/** The same picture with other words. One that lies elsewhere has its words in it and stays. */
function redrawn(imageUrl: string, upper: string, lower: string): string {
  const template = DRAWN_HERE.exec(imageUrl)?.[1];
  return template === undefined ? imageUrl : renderPath({ template: decodeText(decodeURIComponent(template)), upper, lower, ext: 'webp' });
}
