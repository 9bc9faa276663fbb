import { describe, expect, it } from '@jest/globals';
import { STARTER_CAPTIONS } from './starter-captions.js';
import { WordList } from './word-list.service.js';

const wordList = new WordList();

describe('the word list', () => {
  it.each(['what the fuck', 'FUCK', 'f u c k', 'f.u.c.k it', 'fuuuuuck', 'sh1t happens', 'ｆｕｃｋ', 'fu\u200bck', 'f\u034fuck', '𝓯𝓾𝓬𝓴', 'f\u0336u\u0336c\u0336k\u0336', 'fück'])('knows %s', async (text) => expect((await wordList.coarse())(text)).toBe(true));

  it.each(['', 'a class on assassins in Scunthorpe', 'Dickens and the peacock', 'a bass in the grass', 'keep calm and water the plants', 'I a m fine', 'сова 猫より', 'мой ½ é 각 が'])('lets %s be', async (text) => {
    expect((await wordList.coarse())(text)).toBe(false);
  });

  it("lets Plaza's own captions be", async () => {
    const coarse = await wordList.coarse();
    expect(STARTER_CAPTIONS.filter(({ upper, lower }) => coarse(`${upper} ${lower}`))).toEqual([]);
  });
});
