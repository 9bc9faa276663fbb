import path from 'node:path';
import { Global, Logger, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { FolderPostman } from './folder-postman.js';
import { MailDelivery } from './mail-delivery.js';
import { MailQueueRepository } from './mail-queue.repository.js';
import { Mail } from './mail.js';
import { MailWorker } from './mail.worker.js';
import { Postman } from './postman.js';
import { SmtpPostman } from './smtp-postman.js';

/** Mail to members, by SMTP or, without SMTP_URL, into a folder. */
@Global()
@Module({
  providers: [Mail, MailWorker, MailDelivery, MailQueueRepository, { provide: Postman, useFactory: postman, inject: [Config] }],
  exports: [Mail],
})
export class MailModule {}

function postman({ NODE_ENV, SMTP_URL, MAIL_FROM, DATA_DIR }: Config): Postman {
  if (SMTP_URL !== undefined) return new SmtpPostman(SMTP_URL, MAIL_FROM);
  const folder = path.join(DATA_DIR, 'mail');
  if (NODE_ENV === 'production') new Logger('mail').warn({ folder }, 'there is no SMTP_URL: mails reach nobody, they are written to a folder');
  return new FolderPostman(folder, MAIL_FROM);
}
