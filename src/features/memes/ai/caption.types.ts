/** The words of a meme: one of the two may be empty. */
export interface WrittenCaption {
  readonly upper: string;
  readonly lower: string;
}

/** Longest line that a writer may come up with, in code points. */
export const LONGEST_LINE = 200;
