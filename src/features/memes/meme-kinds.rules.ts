import type { PermissionSet } from '../../platform/auth/permission-set.js';
import { Permission } from '../../platform/auth/permissions.js';
import type { MemeKind } from './entities/meme.js';

/**
 * The kinds of memes that exist for someone with these permissions: without the entitlement there are none
 * that were generated.
 */
export function kindsFor(permissions: PermissionSet): MemeKind[] {
  return permissions.has(Permission.MemesAi) ? ['normal', 'ai'] : ['normal'];
}

/** Of those, the one that is wanted; all of them when nothing particular is. */
export function readableKinds(permissions: PermissionSet, wanted: unknown): MemeKind[] {
  return kindsFor(permissions).filter((kind) => wanted === undefined || kind === wanted);
}

/** The same kinds in the order of answers: generated memes come first for those who may see them. */
export function kindsInOrder(permissions: PermissionSet, wanted?: MemeKind): MemeKind[] {
  return readableKinds(permissions, wanted).reverse();
}
