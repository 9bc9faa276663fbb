import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { Cursors } from '../../../platform/http/cursor.js';
import type { Page } from '../../../platform/http/page.dto.js';
import { genesisHash, revoked } from '../chain.rules.js';
import { PollAccess } from '../poll-access.service.js';
import type { Viewer } from '../visibility.rules.js';
import { PollChainRepository, type ChainHead, type ChainLink } from './poll-chain.repository.js';
import { PollTallyRepository } from './poll-tally.repository.js';
import { certificationOf } from './results.rules.js';

/** UUIDs and hashes: what cannot be a receipt is nobody's. */
const RECEIPT = /^[0-9a-f][0-9a-f-]{0,63}$/;

/** That a receipt is in the chain, with what it takes to check it. */
export interface ReceiptProof {
  readonly receipt: string;
  /** False once its vote was changed or taken back. */
  readonly counted: boolean;
  /** `hash` is over `previous` and `receipts`. */
  readonly link: ChainLink & { readonly previous: string };
  readonly head: ChainHead;
}

export interface PollAudit extends Page<ChainLink> {
  readonly genesis: string;
  readonly seedCommitment: string;
  /** Once the poll has ended. */
  readonly seed?: string;
  readonly head: ChainHead;
  /** Once the poll is certified. */
  readonly certification?: { readonly resultSha256: string };
}

/** Lets everybody check that no receipt was left out or added later. It covers receipts: how many votes there are, and not for whom. */
@Injectable()
export class PollChain {
  constructor(
    private readonly database: Database,
    private readonly access: PollAccess,
    private readonly chains: PollChainRepository,
    private readonly tallies: PollTallyRepository,
    private readonly cursors: Cursors,
  ) {}

  /** @throws notFound, authRequired */
  async prove(viewer: Viewer, pollId: string, receipt: string): Promise<ReceiptProof> {
    const { seedCommitment } = await this.access.get(viewer, pollId);
    const covered = RECEIPT.test(receipt) ? await this.chains.linksOf(this.database, pollId, [receipt, revoked(receipt)]) : undefined;
    const seq = covered?.get(receipt);
    if (seq === undefined) throw notFound();
    const isFirst = seq === 1;
    const links = await this.chains.list(this.database, pollId, isFirst ? 0 : seq - 2, isFirst ? 1 : 2);
    const previous = isFirst ? genesisHash(pollId, seedCommitment) : links[0]!.hash;
    return { receipt, counted: !covered!.has(revoked(receipt)), link: { ...links.at(-1)!, previous }, head: await this.chains.head(this.database, pollId) };
  }

  /** The chain from its beginning, in pages. @throws notFound, authRequired; requestInvalid for a cursor of another list */
  async audit(viewer: Viewer, pollId: string, { limit, cursor }: { limit: number; cursor?: string }): Promise<PollAudit> {
    const { seedCommitment, seed, ended } = await this.access.get(viewer, pollId);
    const list = `polls.audit ${pollId}`;
    const [afterSeq = 0] = this.cursors.decode<[number]>(list, cursor) ?? [];
    const links = await this.chains.list(this.database, pollId, afterSeq, limit + 1);
    // After the links, so that it is never before one of them.
    const head = await this.chains.head(this.database, pollId);
    const certified = ended === 'certified' ? await this.tallies.findCertified(this.database, pollId) : undefined;
    const certification = certified && certificationOf(certified);
    const covered = links.map((link) => (certification !== undefined && link.seq === head.seq ? { ...link, receipts: [certification] } : link));
    return {
      genesis: genesisHash(pollId, seedCommitment),
      seedCommitment,
      ...(seed !== null && { seed }),
      head,
      ...this.cursors.page(list, covered, limit, ({ seq }) => [seq]),
      ...(certification !== undefined && { certification: { resultSha256: certification.slice('result:'.length) } }),
    };
  }
}
