import type Markov from 'markov-strings';
import { CaptionWriter } from './caption-writer.js';
import { LONGEST_LINE, type WrittenCaption } from './caption.types.js';
import { CommunityCaptions } from './community-captions.service.js';
import { hasBoth, joined, learnable, seedsIn, speaksOf, split } from './markov.rules.js';
import { STARTER_CAPTIONS } from './starter-captions.js';
import { WordList } from './word-list.service.js';

type MarkovModel = InstanceType<typeof Markov.default>;

/** With fewer there is nothing new to say. */
const ENOUGH = 20;
const TRIES = 200;

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
    const own = (await this.captions.about(prompt)).map(joined).filter(learnable);
    // A young community has not said enough yet: then Plaza's own captions are learnt too.
    const lines = own.length < ENOUGH ? [...own, ...STARTER_CAPTIONS.map(joined)] : own;
    const model = await learn(lines);
    const known = new Set(lines);
    const seeds = seedsIn(prompt);
    const isNew = (line: string): boolean => {
      const { upper, lower } = split(line);
      return !known.has(line) && [upper, lower].every((text) => text.length <= LONGEST_LINE) && !coarse(`${upper} ${lower}`);
    };
    const line =
      generate(model, (text) => speaksOf(text, seeds) && hasBoth(text) && isNew(text)) ??
      generate(model, (text) => hasBoth(text) && isNew(text)) ??
      generate(model, isNew);
    if (line === undefined) throw new Error('nothing new could be said');
    return split(line);
  }
}

async function learn(lines: readonly string[]): Promise<MarkovModel> {
  const { default: markov } = await import('markov-strings');
  const model = new markov.default({ stateSize: 1 });
  model.addData(lines.map((string) => ({ string })));
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
