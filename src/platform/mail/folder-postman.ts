import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Logger } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import { composed, type Letter } from './letter.js';
import { Postman } from './postman.js';

/** Where there is no mail server: writes each mail as an .eml file, which mail programs open, and says so in the log. */
export class FolderPostman extends Postman {
  private readonly logger = new Logger(FolderPostman.name);
  private readonly transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });

  constructor(
    private readonly folder: string,
    private readonly from: string,
  ) {
    super();
  }

  async deliver(letter: Letter): Promise<void> {
    const { message } = await this.transport.sendMail(composed(letter, this.from));
    // Whoever has no mail server reads the file as it is: a link that is quoted-printable could not be copied from it.
    const [head = ''] = (message as Buffer).toString().split('\n\n', 1);
    const readable = `${head.replace(/^Content-Transfer-Encoding: .*$/m, 'Content-Transfer-Encoding: 8bit')}\n\n${letter.text}\n`;
    // The name is the mail's own: written again after a crash, it is still one file.
    const file = path.join(this.folder, `${letter.createdAt.toISOString().replace(/[-:.]/g, '')}-${letter.id}.eml`);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    // May hold the key to an account: for the operator's eyes only, here and not in the log.
    await writeFile(`${file}.part`, readable, { mode: 0o600, flush: true });
    await rename(`${file}.part`, file);
    // A warning, since development shows no less: where the mail is must be seen.
    this.logger.warn({ file, subject: letter.subject }, 'there is no SMTP_URL: a mail was written to a file');
  }
}
