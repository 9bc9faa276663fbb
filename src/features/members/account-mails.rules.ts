import type { MailMessage } from '../../platform/mail/mail.types.js';

export const RESET_MINUTES = 30;
const VERIFICATION_DAYS = 3;
export const VERIFICATION_MINUTES = VERIFICATION_DAYS * 24 * 60;

/** What the mails of accounts need to know of the community. */
export interface Community {
  name: string;
  /** Address of its web app, without a slash at the end; undefined when there is none to link to. */
  webUrl: string | undefined;
}

type Letter = Pick<MailMessage, 'subject' | 'text'>;

export function resetLetter(community: Community, token: string): Letter {
  return {
    subject: `${community.name}: choose a new password`,
    text: paragraphs(
      'Hello,',
      `somebody, probably you, asked for a new password for your account\nat ${community.name}.`,
      way(community, token, { ask: 'To choose one', page: 'reset-password', call: 'POST /api/password-resets/confirm', body: '{"token": "...", "password": "..."}' }),
      `This works once, within ${RESET_MINUTES} minutes of being asked for. It signs you out\neverywhere and ends your API tokens.`,
      'If it was not you, ignore this mail: nothing has changed.',
    ),
  };
}

export function verificationLetter(community: Community, token: string): Letter {
  return {
    subject: `${community.name}: is this your address?`,
    text: paragraphs(
      'Hello,',
      `somebody, probably you, signed up at ${community.name} with this address.`,
      way(community, token, { ask: 'To say that it is yours', page: 'verify-email', call: 'POST /api/email-verifications/confirm', body: '{"token": "..."}' }),
      `This works for ${VERIFICATION_DAYS} days.`,
      'If it was not you, ignore this mail.',
    ),
  };
}

/** A link to a page of the web app, or the token alone and where to send it. */
function way({ webUrl }: Community, token: string, { ask, page, call, body }: { ask: string; page: string; call: string; body: string }): string {
  if (webUrl !== undefined) return paragraphs(`${ask}, open this page:`, `${webUrl}/${page}?token=${token}`);
  return paragraphs(`${ask}, use this token:`, token, `in ${call}\nwith the body ${body}`);
}

function paragraphs(...texts: string[]): string {
  return texts.join('\n\n');
}
