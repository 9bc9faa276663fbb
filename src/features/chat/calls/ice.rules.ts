import { createHmac } from 'node:crypto';

/** Servers that help two peers to find a way to each other, as a browser's RTCPeerConnection takes them. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

/** How long a password for the TURN servers lets somebody in; calls that run by then go on. */
export const ICE_TTL_SECONDS = 600;

/** The password that coturn expects for a user name (`use-auth-secret`). */
export function turnCredential(secret: string, username: string): string {
  return createHmac('sha1', secret).update(username).digest('base64');
}

/** @param urls of STUN servers, which let everybody in, and of TURN servers, which ask for a password */
export function iceServers(urls: readonly string[], secret: string | undefined, memberId: string, now: Date): IceServer[] {
  const asking = urls.filter(isTurn);
  const open = urls.filter((url) => !isTurn(url));
  const servers: IceServer[] = open.length > 0 ? [{ urls: open }] : [];
  if (asking.length === 0 || secret === undefined) return servers;
  const username = `${Math.floor(now.getTime() / 1_000) + ICE_TTL_SECONDS}:${memberId}`;
  return [...servers, { urls: asking, username, credential: turnCredential(secret, username) }];
}

function isTurn(url: string): boolean {
  return /^turns?:/i.test(url);
}
