import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { Injectable } from '@nestjs/common';
import pLimit from 'p-limit';

/** OWASP Password Storage Cheat Sheet: argon2id (the library's default) with 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashes and checks passwords, as many at once as there are cores: more would only slow each other down. */
@Injectable()
export class Passwords {
  private readonly limit = pLimit(availableParallelism());
  /** Checked when an address is unknown, so that the answer takes as long as for a wrong password. */
  private readonly decoy = this.hash('there is no such member');

  hash(password: string): Promise<string> {
    return this.limit(() => hash(password, PARAMETERS));
  }

  /** @param passwordHash undefined or null for an unknown address: always false, in the same time */
  async verify(passwordHash: string | null | undefined, password: string): Promise<boolean> {
    const expected = passwordHash ?? (await this.decoy);
    const matches = await this.limit(() => verify(expected, password));
    return matches && passwordHash != null;
  }

  /** True when the hash was made with weaker parameters than today's. */
  isOutdated(passwordHash: string): boolean {
    const [, memory, passes, lanes] = /\$m=(\d+),t=(\d+),p=(\d+)\$/.exec(passwordHash) ?? [];
    return Number(memory) < PARAMETERS.memoryCost || Number(passes) < PARAMETERS.timeCost || Number(lanes) < PARAMETERS.parallelism;
  }
}
