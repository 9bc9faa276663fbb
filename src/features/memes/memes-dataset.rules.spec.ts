import { expect, it } from '@jest/globals';
import { words } from './memes-dataset.rules.js';

it.each([
  ['', []],
  [' \t\n', []],
  ['coffee', ['coffee']],
  ['  coffee  at\u00a0noon ', ['coffee', 'at', 'noon']],
  ['tea tea TEA', ['tea', 'TEA']],
  ['猫より', ['猫より']],
])('the words of %j are %j', (query, expected) => {
  expect(words(query)).toEqual(expected);
});
