import { Worker } from 'node:worker_threads';
import { describe, expect, it, jest } from '@jest/globals';
import { PlaceNames } from './place-names.service.js';

const places = new PlaceNames();

describe('the cities of the world', () => {
  it.each([
    ['ONE DOES NOT SIMPLY WALK THROUGH BERLIN', 52.52, 13.4],
    ['Greetings from Nairobi', -1.28, 36.82],
    ['New York, New York', 40.71, -74.01],
    ['san francisco fog', 37.77, -122.42],
    ['café em São Paulo', -23.55, -46.64],
    ['a bank in Luxembourg', 49.61, 6.13],
    ['nothing happens in Wellington', -41.29, 174.78],
    ['Cologne and Köln are one', 50.93, 6.95],
  ])('are known by name: %s', async (text, lat, lon) => {
    const place = await places.find(text);
    expect(place?.lat).toBeCloseTo(lat, 1);
    expect(place?.lon).toBeCloseTo(lon, 1);
  });

  it.each([
    'nice try', 'my mobile is dead', 'reading is fun', 'a hot bath', 'one of us', 'man up', 'an orange cat', 'victoria!', 'santiago?', 'best sale ever', 'to split the bill',
    'males in male clothes', 'I AM BATMAN', 'the perm is back', 'la paz', 'mesa redonda', 'no pasto', 'mi chihuahua', 'que moron', 'van life', 'essen ist fertig',
    'date night', 'spring valley', 'a mecca of memes', 'the phoenix rises', 'Florence and Austin and Charlotte', 'drama queens', 'toyota', 'off to vote', 'in Jamaica', 'lost in Bali', 'back in Carolina', '',
  ])('are not seen where there is none: %s', async (text) => expect(await places.find(text)).toBeUndefined());
});

it('are read again when they could not be read', async () => {
  const fresh = new PlaceNames();
  const refusing = jest.spyOn(Worker.prototype, 'once').mockImplementationOnce(() => {
    throw new Error('no thread');
  });
  await expect(fresh.find('Berlin')).rejects.toThrow('no thread');
  refusing.mockRestore();
  expect((await fresh.find('Berlin'))?.lat).toBeCloseTo(52.5, 1);
});
