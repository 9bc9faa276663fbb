/** The keys of a browser's subscription, base64url (RFC 8291). */
export interface BrowserKeys {
  readonly p256dh: string;
  readonly auth: string;
}

/** What a browser's `PushSubscription.toJSON()` says. */
export interface SubscriptionDraft {
  readonly endpoint: string;
  readonly keys: BrowserKeys;
}

/** A subscription as its member is shown it; times are RFC 3339. */
export interface Subscription {
  readonly id: string;
  readonly endpoint: string;
  readonly createdAt: string;
}

/** Somebody's browser, and the newest message that it is to be told of. */
export interface DueNotice {
  readonly subscriptionId: string;
  readonly memberId: string;
  readonly no: number;
}

/** What a notification is made of. */
export interface Notice {
  readonly memberId: string;
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
  /** The key of ours that the subscription was made for. */
  readonly keyId: string;
  readonly messageId: string;
  readonly senderId: string;
  /** Null without a text, and once deleted. */
  readonly text: string | null;
  /** Of the conversation. */
  readonly conversationTitle: string | null;
}

/** What the browser is told. */
export interface PushPayload {
  readonly conversationId: string;
  readonly messageId: string;
  readonly no: number;
  readonly title: string;
  readonly body: string | null;
  /** All that the member has not read. */
  readonly badge: number;
}

/** What a push service answered. */
export interface PushAnswer {
  readonly status: number;
  /** When it wants to be asked again, if it said so. */
  readonly retryAfterSeconds?: number;
}
