import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { SftpInflow } from './sftp.inflow.js';

/** A connection of which a test says how much has not been sent. */
class TestSocket extends EventEmitter {
  writableLength = 0;
  paused = false;

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }
}

function given() {
  const socket = new TestSocket();
  let heard = 0;
  return { socket, inflow: new SftpInflow(socket as unknown as Socket, () => (heard += 1)), heard: () => heard };
}
const times = (n: number, work: () => void) => Array.from({ length: n }, work);

describe('a client is listened to', () => {
  it('no more once 256 requests wait for an answer, until half of them have one', () => {
    const { socket, inflow } = given();
    times(255, () => inflow.asked());
    expect(socket.paused).toBe(false);
    inflow.asked();
    expect(socket.paused).toBe(true);
    times(128, () => inflow.answered());
    expect(socket.paused).toBe(true);
    inflow.answered();
    expect(socket.paused).toBe(false);
  });

  it('no more while a MiB of answers waits for the network', () => {
    const { socket, inflow } = given();
    socket.writableLength = 1024 * 1024;
    inflow.sent();
    expect(socket.paused).toBe(false);
    socket.writableLength += 1;
    times(3, () => inflow.sent());
    expect(socket.paused).toBe(true);
    expect(socket.listenerCount('drain')).toBe(1);
    socket.emit('drain');
    expect(socket.paused).toBe(false);
  });

  it('only when nothing speaks against it', () => {
    const { socket, inflow } = given();
    const [one, two] = [{}, {}];
    inflow.stop(one, true);
    inflow.stop(two, true);
    inflow.stop(two, true);
    inflow.stop(one, false);
    expect(socket.paused).toBe(true);
    inflow.stop(two, false);
    expect(socket.paused).toBe(false);
  });

  it('and every word of theirs is noted', () => {
    const { inflow, heard } = given();
    inflow.asked();
    inflow.heard();
    expect(heard()).toBe(2);
  });
});
