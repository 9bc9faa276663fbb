import type Markov from 'markov-strings';
import { CaptionWriter } from './caption-writer.js';
import type { WrittenCaption } from './caption.types.js';
import { CommunityCaptions } from './community-captions.service.js';
import { fits, hasBoth, joined, learnable, seedsIn, speaksOf, split } from './markov.rules.js';
import { STARTER_CAPTIONS } from './starter-captions.js';
import { WordList } from './word-list.service.js';

type MarkovModel = InstanceType<typeof Markov.default>;

/** With fewer there is nothing new to say. */
const ENOUGH = 20;
const TRIES = 100;

/**
 * Writes with a small language model, learnt anew for each caption from what the community itself wrote about
 * the words of the prompt: about 20 ms, nothing to keep, and nothing in it that is not to be seen at the moment.
 */
export class MarkovCaptionWriter extends CaptionWriter {
  readonly name = 'markov';

  constructor(
    private readonly captions: CommunityCaptions,
    private readonly wordList: WordList,
  ) {
    super();
  }

  async write(prompt: string): Promise<WrittenCaption> {
    const coarse = await this.wordList.coarse();
    const own = new Set((await this.captions.about(prompt)).map(joined).filter(learnable));
    // A young community has not said enough yet: then Plaza's own captions are learnt too.
    const known = own.size < ENOUGH ? new Set([...own, ...STARTER_CAPTIONS.map(joined)]) : own;
    const model = await learn(known);
    const seeds = seedsIn(prompt);
    // In the order of what each costs.
    const isNew = (line: string): boolean => !known.has(line) && fits(line);
    const isWhole = (line: string): boolean => isNew(line) && hasBoth(line);
    const isFine = (line: string): boolean => !coarse(line);
    const line =
      generate(model, (text) => isWhole(text) && speaksOf(text, seeds) && isFine(text)) ??
      generate(model, (text) => isWhole(text) && isFine(text)) ??
      generate(model, (text) => isNew(text) && isFine(text));
    if (line === undefined) throw new Error('nothing new could be said');
    return split(line);
  }
}

async function learn(lines: ReadonlySet<string>): Promise<MarkovModel> {
  const { default: markov } = await import('markov-strings');
  const model = new markov.default({ stateSize: 1 });
  model.addData(Array.from(lines, (string) => ({ string })));
  return model;
}

/** Undefined when none of many tries would do. */
function generate(model: MarkovModel, isGood: (line: string) => boolean): string | undefined {
  try {
    return model.generate({ maxTries: TRIES, filter: ({ string }) => isGood(string) }).string;
  } catch {
    return undefined;
  }
}
