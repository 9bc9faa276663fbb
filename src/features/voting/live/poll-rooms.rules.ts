const POLL = 'poll:';
const RESULTS = ':results';

/** Where the states of a poll are told. */
export function pollRoom(pollId: string): string {
  return `${POLL}${pollId}`;
}

/** Where its counts are told: nobody stands in it who may not see them. */
export function resultsRoom(pollId: string): string {
  return `${POLL}${pollId}${RESULTS}`;
}

/** How many polls somebody watches who is in these rooms. */
export function watchedIn(rooms: Iterable<string>): number {
  return [...rooms].filter((room) => room.startsWith(POLL) && !room.endsWith(RESULTS)).length;
}
