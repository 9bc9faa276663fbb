import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import wrtc from '@roamhq/wrtc';
import type { Call } from '../../src/features/chat/calls/calls.types.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { chatSockets, givenConversation, type Acknowledged } from '../support/chat.js';
import { eventually } from '../support/eventually.js';
import { acknowledgementOf, nextEvent } from '../support/sockets.js';

/** What of a browser's WebRTC is used here: its types are not among those of Node. */
interface Channel {
  onopen: () => void;
  onmessage: (event: { data: string }) => void;
  readonly readyState: string;
  send(text: string): void;
}
interface Description {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}
interface Peer {
  onicecandidate: (event: { candidate: { readonly candidate: string } | null }) => void;
  ondatachannel: (event: { channel: Channel }) => void;
  readonly connectionState: string;
  createDataChannel(label: string): Channel;
  createOffer(): Promise<Description>;
  createAnswer(): Promise<Description>;
  setLocalDescription(description: Description): Promise<void>;
  setRemoteDescription(description: Description): Promise<void>;
  addIceCandidate(candidate: object): Promise<void>;
  close(): void;
}
const { RTCPeerConnection } = wrtc as unknown as { RTCPeerConnection: new (configuration: object) => Peer };

let app: TestApp;
let [ada, ben]: GivenMember[] = [];
const sockets = chatSockets();
const peers: Peer[] = [];

beforeAll(async () => {
  app = await createTestApp();
  [ada, ben] = [await app.given.member(), await app.given.member()];
});
afterEach(() => {
  peers.splice(0).forEach((peer) => peer.close());
  sockets.closeAll();
});
afterAll(() => app.close());

async function connect(member: GivenMember) {
  const { socket } = await sockets.connect(app, member);
  const act = async (event: string, payload: object): Promise<Call> => {
    const { data, error } = (await acknowledgementOf(socket, event, payload)) as Acknowledged<{ call: Call }>;
    if (error !== undefined) throw new Error(`${event}: ${error.code}`);
    return data?.call as Call;
  };
  return { socket, act };
}

/** A peer that tells the other one of its candidates, and takes theirs, by nothing but Plaza's events. */
async function join({ socket, act }: Awaited<ReturnType<typeof connect>>, callId: string, to: string): Promise<Peer> {
  const { body } = await app.http.get('/api/chat/ice-servers').set(ada!.auth).expect(200);
  const peer = new RTCPeerConnection({ iceServers: body.iceServers });
  peers.push(peer);
  peer.onicecandidate = ({ candidate }) => {
    // The loopback interface is enough, and there is always one.
    if (candidate?.candidate.includes(' 127.0.0.1 ') === true) act('call.ice', { callId, to, candidate }).catch(() => undefined);
  };
  // What has to wait for the description waits in the order in which it came.
  let done = Promise.resolve();
  const inOrder = (work: () => Promise<void>) => (done = done.then(work));
  socket.on('call.offer', ({ sdp }: { sdp: string }) =>
    inOrder(async () => {
      await peer.setRemoteDescription({ type: 'offer', sdp });
      const answer = await peer.createAnswer();
      await peer.setLocalDescription(answer);
      await act('call.answer', { callId, to, sdp: answer.sdp });
    }),
  );
  socket.on('call.answer', ({ sdp }: { sdp: string }) => inOrder(() => peer.setRemoteDescription({ type: 'answer', sdp })));
  socket.on('call.ice', ({ candidate }: { candidate: object }) => inOrder(() => peer.addIceCandidate(candidate)));
  return peer;
}

it('two peers find each other by Plaza alone, and then talk without it', async () => {
  const { id: conversationId } = await givenConversation(app, ada!, [ben!], 'dm');
  const [here, there] = [await connect(ada!), await connect(ben!)];
  const ring = nextEvent<{ call: Call }>(there.socket, 'call.invite');
  const { id: callId } = await here.act('call.invite', { conversationId, media: 'video' });
  expect((await ring).call.id).toBe(callId);
  const callee = await join(there, callId, ada!.id);
  const heard: string[] = [];
  callee.ondatachannel = ({ channel }) => {
    channel.onmessage = ({ data }) => {
      heard.push(data);
      channel.send(`${data}? \u{1f600}`);
    };
  };
  await there.act('call.accept', { callId });

  const caller = await join(here, callId, ben!.id);
  const channel = caller.createDataChannel('talk');
  const answers: string[] = [];
  channel.onmessage = ({ data }) => answers.push(data);
  channel.onopen = () => channel.send('can you hear me');
  const offer = await caller.createOffer();
  await caller.setLocalDescription(offer);
  await here.act('call.offer', { callId, to: ben!.id, sdp: offer.sdp });

  await eventually(() => expect(answers).toEqual(['can you hear me? \u{1f600}']), 20_000);
  expect(heard).toEqual(['can you hear me']);
  // They go on when Plaza does not hear of them any more.
  sockets.closeAll();
  channel.send('still there');
  await eventually(() => expect(answers.at(-1)).toBe('still there? \u{1f600}'));
  expect([caller.connectionState, callee.connectionState]).toEqual(['connected', 'connected']);
}, 60_000);
