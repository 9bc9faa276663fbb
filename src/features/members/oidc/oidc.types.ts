/** Somebody as a provider knows them. */
export interface Vouched {
  /** Its name in OIDC_PROVIDERS. */
  provider: string;
  /** The account there; never given to somebody else, unlike an address. */
  subject: string;
  /** Normalised; null when the provider does not vouch that it is theirs. */
  email: string | null;
  /** What to call them if they are new here. */
  displayName: string;
}

/** What must be remembered of a sign-in while the browser is at the provider. */
export interface Awaited {
  state: string;
  nonce: string;
  codeVerifier: string;
}

/** One sign-in under way, as its browser's cookie carries it: sealed, and for one provider. */
export interface SignInFlow extends Awaited {
  /** Where to go when it is done; was on the allow-list when it began. */
  returnUrl: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}
