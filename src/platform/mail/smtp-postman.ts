import { createTransport } from 'nodemailer';
import { composed, type Letter } from './letter.js';
import { Postman } from './postman.js';

/** A server that goes silent must not keep a mail for longer than a lease. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 } as const;

/** Hands mails to the mail server of SMTP_URL. */
export class SmtpPostman extends Postman {
  private readonly transport;

  constructor(
    url: string,
    private readonly from: string,
  ) {
    super();
    this.transport = createTransport({ url, ...TIMEOUTS });
  }

  async deliver(letter: Letter, signal: AbortSignal): Promise<void> {
    await this.transport.sendMail({ ...composed(letter, this.from), signal });
  }
}
