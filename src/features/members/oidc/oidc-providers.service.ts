import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import * as oidc from 'openid-client';
import { Config } from '../../../platform/config/config.js';
import type { DomainError } from '../../../platform/errors/domain-error.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { providerAnswerInvalid, providerRefused, providerUnavailable } from '../members.errors.js';
import type { Claims } from './oidc.rules.js';
import type { Awaited } from './oidc.types.js';

const TIMEOUT_SECONDS = 10;
/** What a provider says about itself changes seldom, but it does. */
const DISCOVERED_FOR_MS = 3_600_000;
/** Of a provider's error code, which comes by way of the browser. */
const LONGEST_FAULT = 200;

type Provider = Config['OIDC_PROVIDERS'][number];

/** Talks OpenID Connect with the providers of OIDC_PROVIDERS: authorization code flow with PKCE, state and nonce. */
@Injectable()
export class OidcProviders {
  private readonly logger = new Logger(OidcProviders.name);
  private readonly discovered = new LRUCache<string, Promise<oidc.Configuration>>({ max: 100, ttl: DISCOVERED_FOR_MS });

  constructor(private readonly config: Config) {}

  /** @throws notFound */
  get(name: string): Provider {
    const provider = this.config.OIDC_PROVIDERS.find((known) => known.name === name);
    if (provider === undefined) throw notFound();
    return provider;
  }

  /**
   * Where to send the browser, and what to hold its return against.
   *
   * @throws notFound, providerUnavailable
   */
  async begin(name: string): Promise<{ location: string; awaited: Awaited }> {
    const provider = this.get(name);
    const client = await this.discover(provider);
    const awaited = { state: oidc.randomState(), nonce: oidc.randomNonce(), codeVerifier: oidc.randomPKCECodeVerifier() };
    const location = oidc.buildAuthorizationUrl(client, {
      redirect_uri: this.callbackUrl(name),
      scope: provider.scope,
      state: awaited.state,
      nonce: awaited.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(awaited.codeVerifier),
      code_challenge_method: 'S256',
    });
    return { location: location.href, awaited };
  }

  /**
   * Who came back, by the provider's signed word.
   *
   * @param query what the provider sent the browser back with
   * @throws notFound, providerRefused, providerAnswerInvalid, providerUnavailable
   */
  async finish(name: string, query: string, { state, nonce, codeVerifier }: Awaited): Promise<Claims> {
    const client = await this.discover(this.get(name));
    try {
      const url = new URL(`${this.callbackUrl(name)}?${query}`);
      const tokens = await oidc.authorizationCodeGrant(client, url, { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier, idTokenExpected: true });
      const claims = tokens.claims()!;
      // Many providers keep the address for the userinfo endpoint (OpenID Connect Core §5.4).
      const asksMore = claims.email === undefined && client.serverMetadata().userinfo_endpoint !== undefined;
      return asksMore ? { ...claims, ...(await oidc.fetchUserInfo(client, tokens.access_token, claims.sub)) } : claims;
    } catch (error) {
      throw this.refusal(name, error);
    }
  }

  private callbackUrl(name: string): string {
    return `${this.config.PUBLIC_URL}/api/sessions/oidc/${name}/callback`;
  }

  /** Not at boot: Plaza starts and serves though a provider is down. A failure is forgotten, so the next sign-in tries again. */
  private async discover({ name, issuer, clientId, clientSecret }: Provider): Promise<oidc.Configuration> {
    const running = this.discovered.get(name) ?? oidc.discovery(new URL(issuer), clientId, undefined, authentication(clientSecret), {
      timeout: TIMEOUT_SECONDS,
      // By itself openid-client believes the ID token for the connection it came by, and checks no signature.
      execute: [oidc.enableNonRepudiationChecks, ...(issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [])],
    });
    this.discovered.set(name, running, { noUpdateTTL: true });
    try {
      return await running;
    } catch (error) {
      this.discovered.delete(name);
      this.log(name, error);
      throw providerUnavailable();
    }
  }

  private refusal(name: string, error: unknown): DomainError {
    this.log(name, error);
    if (error instanceof oidc.AuthorizationResponseError) return providerRefused();
    return isOutOfReach(error) ? providerUnavailable() : providerAnswerInvalid();
  }

  /** Names the fault and nothing that came with it: answers hold codes, tokens and members' data. */
  private log(provider: string, error: unknown): void {
    const { name, code, cause, error: answer } = error as { name?: string; code?: string; cause?: { code?: string }; error?: string };
    const fault = [name, code ?? cause?.code, answer].filter((part) => typeof part === 'string').join(' ');
    this.logger.warn({ provider, fault: fault.slice(0, LONGEST_FAULT) }, 'a sign-in elsewhere failed');
  }
}

/** Basic is what a provider supports that says nothing (OpenID Connect Discovery §3). */
function authentication(secret: string): oidc.ClientAuth {
  const [basic, post] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)];
  return (server, ...rest) => ((server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']).includes('client_secret_basic') ? basic : post)(server, ...rest);
}

/** No answer, one that took too long, or an HTTP status that is none of the protocol's. */
function isOutOfReach(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof oidc.ClientError && (error.code === 'OAUTH_TIMEOUT' || error.code === 'OAUTH_RESPONSE_IS_NOT_CONFORM'));
}
