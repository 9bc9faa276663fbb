import { parseSetCookie } from 'cookie';

/** What a browser does on the way through a sign-in: follows redirects one by one, with a jar of cookies per origin. */
export class Browser {
  private readonly jars = new Map<string, Map<string, string>>();

  /** @param reach where addresses are really served that exist for browsers only: public origin → origin */
  constructor(private readonly reach: Readonly<Record<string, string>> = {}) {}

  async open(url: string): Promise<Response> {
    const { origin } = new URL(url);
    const jar = this.cookies(origin);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url.replace(origin, this.reach[origin] ?? origin), { redirect: 'manual', headers: cookie === '' ? {} : { cookie } });
    for (const header of response.headers.getSetCookie()) {
      const { name, value, maxAge, expires } = parseSetCookie(header);
      if (maxAge === 0 || (expires !== undefined && expires.getTime() <= Date.now())) jar.delete(name);
      else jar.set(name, value ?? '');
    }
    return response;
  }

  /** Follows redirects until one leads to where `stops` says, and answers that address. */
  async follow(url: string, stops: (url: string) => boolean): Promise<string> {
    let at = url;
    for (let hops = 0; hops < 20; hops += 1) {
      if (stops(at)) return at;
      const response = await this.open(at);
      const location = response.headers.get('location');
      if (location === null) throw new Error(`${at.split('?')[0]} answered ${response.status} and no redirect: ${await response.text()}`);
      at = new URL(location, at).href;
    }
    throw new Error(`${url} redirects for ever`);
  }

  /** The jar of one origin. */
  cookies(origin: string): Map<string, string> {
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    this.jars.set(origin, jar);
    return jar;
  }
}
