import { tokensOf, type Token } from '../search/text.rules.js';

/** Degrees north and east, WGS 84. */
export interface Place {
  readonly lat: number;
  readonly lon: number;
}

/** A city of the gazetteer. */
export interface City extends Place {
  readonly name: string;
  readonly people: number;
}

/** Places by the words of their names, folded and joined by a space. */
export interface Gazetteer {
  readonly places: ReadonlyMap<string, KnownPlace>;
  /** By first word: how many words the longest name has that begins with it. */
  readonly longest: ReadonlyMap<string, number>;
}

interface KnownPlace extends Place {
  readonly people: number;
  /** Named wherever its name stands; any other only where the text speaks of a place. */
  readonly sure: boolean;
}

/** Names of one word are told from words and people by their fame alone: smaller cities have too many strange ones. */
const FAMOUS = 300_000;
/** After "in" or "from" so large a city is meant however it is written. */
const LARGE = 500_000;
/** Shorter names are words of some language. */
const SHORTEST_SURE = 4;

/** What leads to a place. */
const LEADS = new Set(['in', 'at', 'from', 'near', 'to', 'visit', 'visits', 'visited', 'visiting']);

/** Names that hardly ever mean the city: of people and things, of countries and states that lie elsewhere. */
const NEVER = new Set(['armenia', 'bali', 'batman', 'carolina', 'carrefour', 'diez de octubre', 'jamaica', 'man', 'moron', 'ontario', 'sale', 'toyota', 'virginia']);

/** Names of famous cities, and of several words, that are words or people too. */
const AMBIGUOUS = new Set([
  ...words('adelaide akita alexandria arlington asuncion aurora austin bello bologna brent bursa cali charlotte chihuahua chita columbus constantine contagem corrientes'),
  ...words('diadema essen florence fortaleza franca ganja guadalupe hamilton honcho juarez kingston kobe kota lagos lima mecca medan medina mendoza mesa natal newport'),
  ...words('nice palma pasto pereira perm phoenix posadas preston queens quito reading resistencia reynosa riverside rosario salem salta salvador samara santiago santos'),
  ...words('serra sofia soledad tamale trujillo vegas vitoria vladimir wellington yono zaria'),
  'alvaro obregon', 'bella vista', 'benito juarez', 'boa vista', 'broken arrow', 'campo grande', 'city center', 'deer valley', 'dos hermanas', 'el limon',
  'el progreso', 'el tigre', 'garden grove', 'george town', 'gold coast', 'high point', 'juan diaz', 'la ceiba', 'la laguna', 'la paz', 'la plata', 'la rioja',
  'las cruces', 'long beach', 'miguel hidalgo', 'new haven', 'nicolas romero', 'north shore', 'ojo de agua', 'palo negro', 'piedras negras', 'porto seguro',
  'praia grande', 'rio grande', 'rio verde', 'round rock', 'saint peters', 'santa ana', 'santa clara', 'santa maria', 'santa rita', 'santa rosa', 'spring valley',
  'sunset park', 'thousand oaks', 'universal city', 'vasco da gama', 'venustiano carranza', 'volta redonda',
]);

/** Names in use that the gazetteer spells otherwise. */
const ALSO_KNOWN_AS: Readonly<Record<string, string>> = {
  'new york': 'New York City', nyc: 'New York City', bronx: 'The Bronx', 'washington dc': 'Washington, D.C.', 'st petersburg': 'Saint Petersburg', vegas: 'Las Vegas',
  frankfurt: 'Frankfurt am Main', cologne: 'Köln', nuremberg: 'Nürnberg', seville: 'Sevilla', gothenburg: 'Göteborg', antwerp: 'Antwerpen', ghent: 'Gent', geneva: 'Genève',
  kiev: 'Kyiv', bombay: 'Mumbai', calcutta: 'Kolkata', bangalore: 'Bengaluru', saigon: 'Ho Chi Minh City', acapulco: 'Acapulco de Juárez',
};

/** Of cities with the same name the one with most people is meant. */
export function gazetteerOf(cities: readonly City[]): Gazetteer {
  const places = new Map<string, KnownPlace>();
  const longest = new Map<string, number>();
  const add = (name: string, { lat, lon, people }: City) => {
    const own = tokensOf(name).map(({ word }) => word);
    const key = own.join(' ');
    // Names with digits are numbered quarters.
    if (own.length === 0 || NEVER.has(key) || /\d/.test(key) || (places.get(key)?.people ?? 0) > people) return;
    places.set(key, { lat, lon, people, sure: isSure(own, people) });
    longest.set(own[0]!, Math.max(longest.get(own[0]!) ?? 0, own.length));
  };
  for (const city of cities) {
    add(city.name, city);
    for (const [other, name] of Object.entries(ALSO_KNOWN_AS)) if (name === city.name) add(other, city);
  }
  return { places, longest };
}

/**
 * The first place that a text names: whole words, the longest name where several begin. To miss one is better
 * than to see one where there is none, so a name that is a word or a person too counts only after a word such
 * as "in", and there a smaller city only when it is written as a name: "in Nice", but not "in nice shoes".
 */
export function placeNamedIn(text: string, { places, longest }: Gazetteer): Place | undefined {
  const tokens = tokensOf(text);
  for (let at = 0; at < tokens.length; at += 1) {
    for (let end = at + (longest.get(tokens[at]!.word) ?? 0); end > at; end -= 1) {
      const place = places.get(tokens.slice(at, end).map(({ word }) => word).join(' '));
      if (place !== undefined && (place.sure || isMeant(place, text, tokens[at]!, tokens[at - 1]))) return { lat: place.lat, lon: place.lon };
    }
  }
  return undefined;
}

function isMeant({ people }: KnownPlace, text: string, name: Token, lead: Token | undefined): boolean {
  if (lead === undefined || !LEADS.has(lead.word)) return false;
  if (people >= LARGE) return true;
  const leadText = text.slice(lead.start, lead.end);
  return leadText === leadText.toLowerCase() && /^\p{Lu}\P{Lu}+$/u.test(text.slice(name.start, name.end));
}

function isSure(name: readonly string[], people: number): boolean {
  if (AMBIGUOUS.has(name.join(' '))) return false;
  return name.length > 1 || (people >= FAMOUS && name[0]!.length >= SHORTEST_SURE);
}

function words(text: string): string[] {
  return text.split(' ');
}
