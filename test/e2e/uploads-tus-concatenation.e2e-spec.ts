import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { GivenMember } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { idOf, metadataOf, OFFSET_STREAM, TUS, tusOf, type TusReply } from '../support/tus.js';
import { sha256Of } from '../support/uploads-files.js';
import { openUploads, type UploadsHarness } from '../support/uploads-harness.js';

const MIB = 1024 * 1024;
const PARTIAL = { 'Upload-Concat': 'partial' };
const refusal = ({ status, code }: TusReply) => [status, code];

let plaza: UploadsHarness;
let member: GivenMember;
let tus: ReturnType<typeof tusOf>;

beforeAll(async () => {
  plaza = await openUploads({ UPLOAD_QUOTA_MIB: '8' });
});
beforeEach(async () => {
  member = await plaza.given.member();
  tus = tusOf(plaza.url, member);
});
afterEach(async () => expect(await plaza.violations()).toEqual([]));
afterAll(() => plaza.close());

const part = async (bytes: Buffer): Promise<string> => {
  const reply = await tus.create({ 'Upload-Length': String(bytes.length), 'Content-Type': OFFSET_STREAM, ...PARTIAL }, bytes);
  expect(reply.status).toBe(201);
  return reply.header('location')!;
};
const join = (addresses: string[], headers: Record<string, string> = {}): Promise<TusReply> => tus.create({ 'Upload-Concat': `final;${addresses.join(' ')}`, ...headers });
const nothingLeft = async () => {
  expect(await plaza.quota(member)).toMatchObject({ used: 0, reserved: 0, unfinished: 0 });
  expect(await plaza.files.list(member.id, { limit: 10 })).toEqual([]);
  expect(await plaza.resting()).toEqual([]);
};

describe('partial uploads', () => {
  it('become one file, in the order in which the final upload names them', async () => {
    const [a, b, c] = [randomBytes(300_000), Buffer.alloc(0), randomBytes(5)];
    const parts = [await part(c), await part(b), await part(a)].reverse();
    const head = await tus.head(parts[0]!);
    expect([head.header('upload-concat'), head.header('upload-offset'), head.header('upload-length')]).toEqual(['partial', '300000', '300000']);
    const concat = `final;${plaza.url}${parts[0]} ${parts[1]} ${parts[2]}`;
    const final = await tus.create({ 'Upload-Concat': concat, 'Upload-Metadata': metadataOf({ filename: 'whole.bin', purpose: 'generic' }) });
    expect(final.status).toBe(201);
    const address = final.header('location')!;
    const shown = await tus.head(address);
    expect([shown.status, shown.header('upload-concat'), shown.header('upload-offset'), shown.header('upload-length')]).toEqual([200, concat, '300005', '300005']);
    expect(refusal(await tus.patch(address, 300_005, ''))).toEqual([403, 'tus.final']);
    const file = await plaza.until(idOf(address));
    expect(file).toMatchObject({ state: 'ready', name: 'whole.bin', size: 300_005, sha256: sha256Of(Buffer.concat([a, b, c])), reserved: 0 });
    expect(sha256Of(await plaza.served(file))).toBe(file.sha256);
    for (const address of parts) expect((await tus.head(address)).status).toBe(404);
    expect(await plaza.quota(member)).toMatchObject({ used: 300_005, reserved: 0, unfinished: 0 });
    expect(await plaza.resting()).toEqual([]);
  });

  it('count against the quota, and the final upload not once more', async () => {
    const [a, b] = [Buffer.alloc(5 * MIB, 'a'), Buffer.alloc(3 * MIB, 'b')];
    const parts = [await part(a), await part(b)];
    expect(await plaza.quota(member)).toMatchObject({ used: 0, reserved: 8 * MIB, unfinished: 2 });
    expect(refusal(await tus.create({ 'Upload-Length': '1' }))).toEqual([507, 'file.quota']);
    const final = await join(parts);
    expect(final.status).toBe(201);
    expect(await plaza.until(idOf(final.header('location')!))).toMatchObject({ state: 'ready', size: 8 * MIB, sha256: sha256Of(Buffer.concat([a, b])) });
    expect(await plaza.quota(member)).toMatchObject({ used: 8 * MIB, reserved: 0, unfinished: 0 });
  });

  it('are joined by one of those who do so at once', async () => {
    const parts = [await part(Buffer.from('ab')), await part(Buffer.from('cd'))];
    const replies = await Promise.all([join(parts), join([...parts].reverse()), join(parts)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 404, 404]);
    const [file, ...others] = await plaza.files.list(member.id, { limit: 10 });
    expect([file!.size, others]).toEqual([4, []]);
  });

  it('are refused as deleted when they are deleted while they are joined', async () => {
    const parts = [await part(Buffer.from('ab')), await part(Buffer.from('cd'))];
    const [kept, gone] = parts.map(idOf) as [string, string];
    const leaseUntil = (time: string) => plaza.transactions.run((tx) => tx.write(`UPDATE tus_upload SET lease_until = ${time} WHERE file_id = ?`, [gone]));
    await leaseUntil('UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE');
    const joining = join(parts);
    // It has found its parts, and waits for the lease on one of them.
    await eventually(async () => expect(await plaza.files.list(member.id, { limit: 10 })).toHaveLength(3));
    await plaza.remove(gone);
    await leaseUntil('NULL');
    expect(refusal(await joining)).toEqual([410, 'file.deleted']);
    await plaza.remove(kept);
    await nothingLeft();
  });

  it('are not joined before they are finished, nor with what is none of them', async () => {
    const [whole, open, deferred, plain] = [await part(Buffer.from('abcd')), await tus.begin(4, PARTIAL), await tus.begin(undefined, PARTIAL), await tus.begin(4)];
    const stranger = tusOf(plaza.url, await plaza.given.member());
    const foreign = await stranger.begin(4, PARTIAL);
    expect(refusal(await join([whole, open]))).toEqual([409, 'tus.part-unfinished']);
    expect(refusal(await join([whole, deferred]))).toEqual([409, 'tus.part-unfinished']);
    expect(refusal(await join([whole, plain]))).toEqual([400, 'request.invalid']);
    expect(refusal(await join([whole, foreign]))).toEqual([404, 'not-found']);
    expect(refusal(await join([whole, `${TUS}/019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01`]))).toEqual([404, 'not-found']);
    expect(refusal(await join([whole, whole]))).toEqual([400, 'request.invalid']);
    expect(refusal(await join([whole], { 'Upload-Length': '4' }))).toEqual([400, 'request.invalid']);
    expect(refusal(await join([whole], { 'Upload-Metadata': 'filename !' }))).toEqual([400, 'request.invalid']);
    await tus.delete(open);
    expect(refusal(await join([whole, open]))).toEqual([410, 'file.deleted']);
    // None of that has cost a part.
    expect((await join([whole])).status).toBe(201);
    await Promise.all([tus.delete(deferred), tus.delete(plain), stranger.delete(foreign)]);
  });

  it('are judged as the one file that they are, and nothing is kept of them then', async () => {
    const avatar = { 'Upload-Metadata': metadataOf({ purpose: 'avatar' }) };
    expect(refusal(await join([await part(Buffer.from('no ')), await part(Buffer.from('picture'))], avatar))).toEqual([422, 'file.type-not-allowed']);
    expect(refusal(await join([await part(Buffer.alloc(0))]))).toEqual([422, 'file.empty']);
    await nothingLeft();
  });

  it('expire like other uploads', async () => {
    await part(randomBytes(1000));
    await tus.begin(4, PARTIAL);
    await plaza.transactions.run((tx) => tx.write('UPDATE file SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE owner_id = ?', [member.id]));
    await plaza.sweep();
    await nothingLeft();
  });
});
