import { Injectable } from '@nestjs/common';
import { isEmail } from 'class-validator';
import { Clock } from '../../../platform/clock/clock.js';
import { Config } from '../../../platform/config/config.js';
import { seal, unseal } from '../../../platform/config/sealed.js';
import { SecretKeys } from '../../../platform/config/secret-keys.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { isSameText } from '../../../platform/http/same-text.js';
import { providerAnswerInvalid, returnUrlNotAllowed, stateInvalid } from '../members.errors.js';
import { OidcProviders } from './oidc-providers.service.js';
import { vouchedBy, withParameter } from './oidc.rules.js';
import type { Awaited, SignInFlow } from './oidc.types.js';
import { SignInCodes } from './sign-in-codes.service.js';

export const FLOW_SECONDS = 600;

/** The way of a browser to another provider and back, up to a one-use code for the app. */
@Injectable()
export class OidcFlow {
  constructor(
    private readonly config: Config,
    private readonly keys: SecretKeys,
    private readonly clock: Clock,
    private readonly transactions: Transactions,
    private readonly providers: OidcProviders,
    private readonly codes: SignInCodes,
  ) {}

  /**
   * @param returnUrl may be left out when the operator allows one alone
   * @returns where to send the browser, and what it must bring back
   * @throws notFound, returnUrlNotAllowed, providerUnavailable
   */
  async begin(provider: string, returnUrl?: string): Promise<{ location: string; sealed: string }> {
    this.providers.get(provider);
    const allowed = this.config.OIDC_RETURN_URLS;
    const target = returnUrl ?? (allowed.length === 1 ? allowed[0] : undefined);
    if (target === undefined || !allowed.includes(target)) throw returnUrlNotAllowed();
    const { location, awaited } = await this.providers.begin(provider);
    const flow: SignInFlow = { ...awaited, returnUrl: target, expiresAt: this.clock.now().getTime() + FLOW_SECONDS * 1000 };
    return { location, sealed: seal(flow, this.keys.current('sign-in'), provider).toString('base64url') };
  }

  /**
   * Where to send a browser that came back: to the app, with a code for {@link OidcSignIn.exchange} or with an error.
   *
   * @param query what the provider sent it back with
   * @param sealed what {@link begin} gave it
   * @throws stateInvalid when it did not begin this sign-in: there is no address then that could be trusted
   */
  async finish(provider: string, query: string, sealed: string): Promise<string> {
    const flow = unseal<SignInFlow>(Buffer.from(sealed, 'base64url'), this.keys.live('sign-in'), provider);
    if (flow === undefined || flow.expiresAt <= this.clock.now().getTime()) throw stateInvalid();
    if (!isSameText(new URLSearchParams(query).get('state') ?? '', flow.state)) throw stateInvalid();
    try {
      return withParameter(flow.returnUrl, 'code', await this.codeFor(provider, flow, query));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return withParameter(flow.returnUrl, 'error', error.code);
    }
  }

  private async codeFor(provider: string, awaited: Awaited, query: string): Promise<string> {
    const claims = await this.providers.finish(provider, query, awaited);
    const vouched = vouchedBy(provider, claims, (text) => isEmail(text) && /^\P{Cc}{3,254}$/u.test(text));
    if (vouched === undefined) throw providerAnswerInvalid();
    return this.transactions.run((tx) => this.codes.issue(tx, 'sign-in', vouched));
  }
}
