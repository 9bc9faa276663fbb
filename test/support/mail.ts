import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  /** Of the SMTP envelope: whom it really goes to. */
  readonly recipients: readonly string[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface MailServer {
  /** For SMTP_URL. */
  readonly url: string;
  /** In the order they came. */
  readonly received: ReceivedMail[];
  /** What the next mails are met with. */
  behaviour: 'take' | 'refuse' | 'fall silent';
  /** How many mails it was offered, refused ones included. */
  readonly offered: () => number;
  mailsTo(address: string): ReceivedMail[];
  close(): Promise<void>;
}

/** A real SMTP server on loopback. */
export async function startMailServer(): Promise<MailServer> {
  let offered = 0;
  const smtp = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    closeTimeout: 100,
    onData: (stream, session, done) => {
      offered += 1;
      void buffer(stream).then((raw) => {
        if (server.behaviour === 'refuse') done(Object.assign(new Error('come back later'), { responseCode: 451 }));
        if (server.behaviour !== 'take') return;
        server.received.push({ recipients: session.envelope.rcptTo.map(({ address }) => address), ...parseMail(raw.toString()) });
        done();
      });
    },
  });
  smtp.on('error', () => undefined);
  smtp.listen(0, '127.0.0.1');
  await once(smtp.server, 'listening');
  const server: MailServer = {
    url: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
    received: [],
    behaviour: 'take',
    offered: () => offered,
    mailsTo: (address) => server.received.filter(({ recipients }) => recipients.includes(address)),
    close: () => new Promise((resolve) => smtp.close(() => resolve())),
  };
  return server;
}

/** Headers and decoded text of a mail of one part. */
export function parseMail(raw: string): { headers: Record<string, string>; text: string } {
  const [head = '', ...rest] = raw.replaceAll('\r\n', '\n').split('\n\n');
  const lines = head.replace(/\n[ \t]+/g, ' ').split('\n');
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  const body = rest.join('\n\n');
  return { headers, text: headers['content-transfer-encoding'] === 'quoted-printable' ? unquoted(body) : body };
}

function unquoted(body: string): string {
  return Buffer.from(body.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16))), 'latin1').toString();
}

/** The token in a mail: of its link, or the one line that is nothing else. */
export function tokenIn({ text }: Pick<ReceivedMail, 'text'>): string {
  const token = /\?token=(\S+)$/m.exec(text)?.[1] ?? /^[\w.-]{43,}$/m.exec(text)?.[0];
  if (token === undefined) throw new Error(`there is no token in:\n${text}`);
  return token;
}
