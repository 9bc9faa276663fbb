import type { WrittenCaption } from './caption.types.js';

/** What Plaza's own writer learns from until the community has captions of its own. They share words, so that they can be mixed. */
export const STARTER_CAPTIONS: readonly WrittenCaption[] = [
  { upper: 'one does not simply', lower: 'leave the kitchen without a coffee' },
  { upper: 'one does not simply', lower: 'end a meeting on time' },
  { upper: 'not sure if the coffee is strong', lower: 'or the meeting is long' },
  { upper: 'not sure if Monday', lower: 'or just before coffee' },
  { upper: 'I finally cleaned my desk', lower: 'now I cannot find anything' },
  { upper: 'I finally fixed the printer', lower: 'it was not plugged in' },
  { upper: 'what if I told you', lower: 'the printer can smell fear' },
  { upper: 'what if I told you', lower: 'the dishes do not wash themselves' },
  { upper: 'the best thing about Monday', lower: 'is that it ends' },
  { upper: 'the best thing about a long meeting', lower: 'is the cake after it' },
  { upper: 'when the coffee is ready', lower: 'and nobody else is in the kitchen' },
  { upper: 'when the printer works', lower: 'and nobody else is there to see it' },
  { upper: 'keep calm', lower: 'and water the plants' },
  { upper: 'keep calm', lower: 'and blame the printer' },
  { upper: 'I came for the coffee', lower: 'I stayed for the people' },
  { upper: 'I came for a meeting', lower: 'I stayed for the cake' },
  { upper: 'brace yourselves', lower: 'the long weekend is over' },
  { upper: 'brace yourselves', lower: 'the new neighbours have a drum' },
  { upper: 'my plants are still alive', lower: 'and it was not even Monday' },
  { upper: 'my neighbours are loud', lower: 'but they bake the best cake' },
];
