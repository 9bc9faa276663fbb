import { Injectable } from '@nestjs/common';
import type { Member } from './entities/member.js';
import { MemberRepository } from './member.repository.js';
import { credentialsInvalid } from './members.errors.js';
import { normaliseEmail } from './members.rules.js';
import { Passwords } from './passwords.service.js';
import { SignInBackoff } from './sign-in-backoff.service.js';

/** Whether address and password belong together, whatever door they came through. */
@Injectable()
export class Credentials {
  constructor(
    private readonly members: MemberRepository,
    private readonly passwords: Passwords,
    private readonly backoff: SignInBackoff,
  ) {}

  /**
   * @param ip where the attempt comes from
   * @throws credentialsInvalid for an unknown address, a wrong password and a disabled member alike, in equal time
   * @throws rateLimited after repeated failures
   */
  async check({ email, password }: { email: string; password: string }, ip: string): Promise<Member & { passwordHash: string }> {
    const address = normaliseEmail(email);
    this.backoff.attempt(address, ip);
    const member = await this.members.findByEmail(address);
    const verified = await this.passwords.verify(member?.passwordHash, password);
    if (!verified || member === undefined || member.disabledAt !== null) throw credentialsInvalid();
    this.backoff.succeeded(address, ip);
    return { ...member, passwordHash: member.passwordHash! };
  }
}
