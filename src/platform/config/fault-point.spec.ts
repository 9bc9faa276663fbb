import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { armFault, faultPoints, isFault, knownFaultPoints } from './fault-point.js';

const faultPoint = faultPoints('spec.one', 'spec.two');
let kill: jest.SpiedFunction<typeof process.kill>;

beforeEach(() => {
  kill = jest.spyOn(process, 'kill').mockReturnValue(true);
});
afterEach(() => {
  armFault(undefined);
  kill.mockRestore();
});

it('a point costs nothing until it is armed', () => {
  faultPoint('spec.one');
  armFault('spec.one');
  faultPoint('spec.two');
  expect(kill).not.toHaveBeenCalled();
  faultPoint('spec.one');
  expect(kill).toHaveBeenCalledWith(process.pid, 'SIGKILL');
});

it('kills at the n-th time', () => {
  armFault('spec.two@3');
  faultPoint('spec.two');
  faultPoint('spec.two');
  expect(kill).not.toHaveBeenCalled();
  faultPoint('spec.two');
  expect(kill).toHaveBeenCalledTimes(1);
});

it('a point that nobody declared cannot be armed, and one is declared once', () => {
  expect(knownFaultPoints()).toEqual(['spec.one', 'spec.two']);
  expect(isFault('spec.three')).toBe(false);
  expect(() => armFault('spec.three')).toThrow(/there are spec\.one, spec\.two/);
  expect(() => faultPoints('spec.one')).toThrow(/declared twice/);
});
