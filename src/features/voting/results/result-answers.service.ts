import { Injectable } from '@nestjs/common';
import { Answer } from '../../../platform/http/answer.js';
import { hasCurrent } from '../../../platform/http/etag.js';
import { svgAnswer } from '../../../platform/http/svg.js';
import { PollAccess } from '../poll-access.service.js';
import type { Viewer } from '../visibility.rules.js';
import type { HeldPoll, ResultBytes } from './held-poll.js';
import { PollResults } from './poll-results.service.js';
import { resultChart } from './result-chart.js';
import { resultTag, resultText, versionIn } from './results.rules.js';

/** Where polls are hot: results as they are sent, made once a second and poll for everybody who may see them. */
@Injectable()
export class ResultAnswers {
  constructor(
    private readonly results: PollResults,
    private readonly access: PollAccess,
  ) {}

  /** @throws notFound, authRequired, resultsHidden */
  async get(viewer: Viewer, pollId: string, windowSeconds: number | undefined, ifNoneMatch: string | undefined): Promise<Answer> {
    const asked = performance.now();
    const seen = versionIn(ifNoneMatch);
    const held = await this.counted(viewer, pollId, seen);
    const { bytes, etag } = await held.written(windowSeconds ?? 0, () => this.write(held, windowSeconds));
    const validators = { ETag: etag, 'Cache-Control': 'private, no-cache', Vary: 'Authorization, X-Token, X-Device-Token' };
    if (hasCurrent(ifNoneMatch, etag)) return new Answer(304, undefined, validators);
    // Whoever has newer counts, from another process, keeps them, and their name; unless the database has none such.
    if (versionIn(etag) < seen && held.startedBefore(asked)) return new Answer(304, undefined);
    return new Answer(200, bytes, { 'Content-Type': 'application/json; charset=utf-8', ...validators });
  }

  /** @throws notFound, authRequired, resultsHidden */
  async draw(viewer: Viewer, pollId: string): Promise<Answer> {
    const held = await this.counted(viewer, pollId);
    return svgAnswer(resultChart(held.poll, await this.results.resultOf(held)));
  }

  private async counted(viewer: Viewer, pollId: string, version?: number): Promise<HeldPoll> {
    const held = await this.results.hold(pollId, version);
    await this.access.admitCounted(viewer, held?.poll);
    return held!;
  }

  private async write(held: HeldPoll, windowSeconds: number | undefined): Promise<ResultBytes> {
    const result = await this.results.resultOf(held, windowSeconds);
    // What was certified is sent as the very bytes that the audit chain covers.
    const text = held.poll.ended === 'certified' ? resultText(result) : JSON.stringify(result);
    return { bytes: Buffer.from(text), etag: resultTag(result, windowSeconds) };
  }
}
