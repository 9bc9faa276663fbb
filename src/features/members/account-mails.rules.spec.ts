import { describe, expect, it } from '@jest/globals';
import { resetLetter, verificationLetter } from './account-mails.rules.js';

const TOKEN = 'A'.repeat(43);
const LETTERS = [['of a reset', resetLetter, 'reset-password', '30 minutes', 'POST /api/password-resets/confirm'], ['of a verification', verificationLetter, 'verify-email', '3 days', 'POST /api/email-verifications/confirm']] as const;

describe.each(LETTERS)('the letter %s', (_, letter, page, valid, call) => {
  it('names the community, says for how long it is good and that it can be ignored', () => {
    const { subject, text } = letter({ name: 'Café am Platz', webUrl: undefined }, TOKEN);
    expect(subject).toMatch(/^Café am Platz: /);
    for (const part of ['at Café am Platz', valid, 'ignore this mail']) expect(text).toContain(part);
  });

  it('links to the web app, or else gives the token alone and what to do with it', () => {
    const linked = letter({ name: 'Plaza', webUrl: 'https://example.org/app' }, TOKEN).text.split('\n');
    expect(linked).toContain(`https://example.org/app/${page}?token=${TOKEN}`);
    const bare = letter({ name: 'Plaza', webUrl: undefined }, TOKEN).text;
    expect(bare.split('\n')).toContain(TOKEN);
    expect(bare).toContain(call);
    expect(bare).not.toContain('http');
  });

  it('keeps to short lines, which need no encoding and so can be read in the file as they are', () => {
    for (const line of letter({ name: 'A community', webUrl: undefined }, TOKEN).text.split('\n')) expect(line.length).toBeLessThanOrEqual(76);
  });
});
