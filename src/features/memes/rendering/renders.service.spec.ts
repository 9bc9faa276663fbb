import { expect, it, jest } from '@jest/globals';
import type { CaptionPainter } from './caption.painter.js';
import type { RenderPictures } from './render-pictures.service.js';
import { Renders } from './renders.service.js';

it('the memory of pictures that are kept counts all of it, however small they are', async () => {
  const paint = jest.fn(async () => Buffer.from('tiny'));
  const pictures = { ofTemplate: async () => ({ version: 'plain:a', size: { width: 1, height: 1 }, open: () => Promise.resolve() }) };
  const renders = new Renders(pictures as unknown as RenderPictures, { paint } as unknown as CaptionPainter);
  const show = (n: number) => renders.ofTemplate(['a'], { upper: `${n}`.padEnd(500), lower: '猫'.repeat(500), format: 'png' });
  await show(0);
  await show(0);
  expect(paint).toHaveBeenCalledTimes(1);
  for (let n = 1; n < 27_000; n += 1) await show(n);
  paint.mockClear();
  await show(0);
  expect(paint).toHaveBeenCalledTimes(1);
});
