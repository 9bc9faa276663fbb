/** The words of a text query, in order, without repetition. */
export function words(query: string): string[] {
  return [...new Set(query.split(/\s+/u).filter((word) => word !== ''))];
}
