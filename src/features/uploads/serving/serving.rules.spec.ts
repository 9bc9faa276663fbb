import { describe, expect, it } from '@jest/globals';
import { archivedName, isShown, sentAs, variantName } from './serving.rules.js';

describe('what a file is sent as', () => {
  it.each(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'video/mp4', 'video/webm', 'audio/mpeg', 'audio/ogg', 'video/ogg'])(
    '%s is shown as what it is', (mime) => expect([isShown(mime), sentAs(mime)]).toEqual([true, mime]),
  );

  it.each(['application/pdf', 'application/zip', 'application/octet-stream', 'image/tiff', 'image/bmp', 'video/quicktime', 'font/woff2', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'])(
    '%s is saved as what it is', (mime) => expect([isShown(mime), sentAs(mime)]).toEqual([false, mime]),
  );

  it.each(['text/html', 'image/svg+xml', 'application/xml', 'application/xhtml+xml', 'text/xml', 'text/javascript', 'text/css', 'text/calendar', 'multipart/related', 'message/rfc822'])(
    '%s is saved and says nothing of what it is', (mime) => expect([isShown(mime), sentAs(mime)]).toEqual([false, 'application/octet-stream']),
  );

  it('plain text is saved, in an encoding that nobody guesses', () => {
    expect([isShown('text/plain'), sentAs('text/plain')]).toEqual([false, 'text/plain; charset=utf-8']);
  });
});

describe('names', () => {
  it.each([
    ['boat.jpeg', 'boat-thumb.webp'],
    ['a.b.png', 'a.b-thumb.webp'],
    ['boat', 'boat-thumb.webp'],
    ['.png', '.png-thumb.webp'],
    ['größe 😀.gif', 'größe 😀-thumb.webp'],
  ])('the thumb of %s is %s', (name, variant) => expect(variantName(name, 'thumb')).toBe(variant));

  it.each([
    ['größe 😀.gif', 'größe 😀.gif'],
    ['what: "why"?.txt', 'what_ _why__.txt'],
    ['ends in a dot.', 'ends in a dot_'],
    ['CON|*<>', 'CON____'],
  ])('%s is %s in an archive', (name, archived) => expect(archivedName(name)).toBe(archived));
});
