import type { FilePurpose } from './uploads.types.js';

/** Pictures that are cleaned, get smaller variants, and may be shown in a page. */
const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'] as const;

/** The type of a picture that is cleaned. */
export type PictureType = (typeof PICTURES)[number];

/** What may be sent in a chat besides pictures; SVG, HTML and XML are programs in disguise and are not. */
const CHAT = /^(?:video\/.+|audio\/.+|application\/pdf|application\/zip|text\/plain)$/;

export function isPicture(mime: string): mime is PictureType {
  return (PICTURES as readonly string[]).includes(mime);
}

/** Whether a file of this type, as sniffed from its bytes, may be uploaded for this purpose. */
export function isAllowed(purpose: FilePurpose, mime: string): boolean {
  switch (purpose) {
    case 'avatar':
    case 'meme':
      return isPicture(mime);
    case 'chat':
      return isPicture(mime) || CHAT.test(mime);
    case 'generic':
    case 'export':
      return true;
  }
}
