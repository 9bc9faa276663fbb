/** One mail in plain text to one address. */
export interface MailMessage {
  readonly to: string;
  /** One line. */
  readonly subject: string;
  readonly text: string;
}

/** What a row of the outbox holds. */
export interface OutboxContent extends MailMessage {
  /** Not to be sent: it only had to take as long. */
  readonly decoy: boolean;
}
