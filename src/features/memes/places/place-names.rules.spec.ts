import { describe, expect, it } from '@jest/globals';
import { gazetteerOf, placeNamedIn, type City } from './place-names.rules.js';

const city = (name: string, people: number, lat: number): City => ({ name, people, lat, lon: -lat });
const gazetteer = gazetteerOf([
  city('New York City', 8_000_000, 1), city('York', 150_000, 2), city('Berlin', 3_400_000, 3), city('Berlin', 200_000, 4), city('São Paulo', 10_000_000, 5),
  city('Nice', 340_000, 6), city('Lima', 7_700_000, 7), city('La Paz', 800_000, 8), city('Reading', 244_000, 9), city('Washington, D.C.', 600_000, 10),
  city('Xi’an', 6_500_000, 11), city('Batman', 380_000, 12), city('Sector 3', 385_000, 13), city('Aba', 900_000, 14), city('Paris', 2_100_000, 15), city('Berlin Heights', 120_000, 17),
]);
const latOf = (text: string) => placeNamedIn(text, gazetteer)?.lat;

describe('the place that a text names', () => {
  it.each([
    ['a famous city, anywhere', 'Berlin mornings', 3],
    ['whatever its case', 'ONE DOES NOT SIMPLY LEAVE BERLIN', 3],
    ['with or without its accents', 'sao paulo at night', 5],
    ['with its accents as marks of their own', 'Sa\u0303o Paulo', 5],
    ['a name with an apostrophe, or another one', "dumplings of Xi'an", 11],
    ['the most populous of the same name', 'to Berlin', 3],
    ['several words before one of them', 'I love new york', 1],
    ['the longest of several that begin there', 'at Berlin Heights', 17],
    ['by another name in use', 'hearings in Washington DC', 10],
    ['the first of several', 'from Paris to Berlin', 15],
    ['next to punctuation', '¿Berlin? yes.', 3],
  ])('is %s', (_, text, lat) => expect(latOf(text)).toBe(lat));

  it.each([
    ['nothing', ''],
    ['part of a word', 'berlinale berliners'],
    ['words of a name, but not all', 'paulo and sao, new, la'],
    ['the same words in another order', 'york new'],
    ['never what is hardly ever the city', 'in Batman we trust'],
    ['no numbered quarter', 'in sector 3'],
    ['no short word of some language', 'mi aba es abuela'],
    ['no smaller city without a lead', 'York ham'],
  ])('is not %s', (_, text) => expect(latOf(text)).toBeUndefined());

  it.each([
    ['nice shoes', undefined],
    ['Nice shoes', undefined],
    ['look at my mother in nice shoes', undefined],
    ['IN NICE SHOES', undefined],
    ['Walking In Nice Shoes', undefined],
    ['a week in Nice', 6],
    ['I was reading', undefined],
    ['lost at reading', undefined],
    ['a train to Reading', 9],
    ['a night in York', 2],
    ['greetings from york', undefined],
    ['lima beans', undefined],
    ['STUCK IN LIMA', 7],
    ['visited lima', 7],
    ['que viva la paz', undefined],
    ['flying to la paz', 8],
  ])('is told from a word: %s', (text, lat) => expect(latOf(text)).toBe(lat));

  it('goes on looking after a word that is none', () => expect(latOf('nice people in Berlin')).toBe(3));

  it('does not depend on the order of the cities', () => {
    expect(placeNamedIn('Berlin', gazetteerOf([city('Berlin', 200_000, 4), city('Berlin', 3_400_000, 3)]))).toEqual({ lat: 3, lon: -3 });
    expect(placeNamedIn('Berlin', gazetteerOf([city('Berlin', 3_400_000, 3), city('Berlin', 200_000, 4)]))).toEqual({ lat: 3, lon: -3 });
  });
});
