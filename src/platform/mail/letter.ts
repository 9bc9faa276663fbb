import type { SendMailOptions } from 'nodemailer';
import type { MailMessage } from './mail.types.js';

/** A mail as it leaves. */
export interface Letter extends MailMessage {
  /** Of the queued mail: the same when it has to be sent again, so that a duplicate can be recognised. */
  readonly id: string;
  readonly createdAt: Date;
}

/** @param from MAIL_FROM, `Name <address>` */
export function composed({ id, createdAt, to, subject, text }: Letter, from: string): SendMailOptions {
  const domain = /@([^@>]+)>?$/.exec(from)![1];
  return {
    from,
    // An object and not a text: a text is a list, and an address may have a comma in it.
    to: { name: '', address: to },
    subject,
    text,
    messageId: `<${id}@${domain}>`,
    date: createdAt,
    // RFC 3834: no holiday notices in return.
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
