/**
 * The items in another order (Fisher–Yates).
 *
 * @param randomBelow an integer from 0 to below the number that it is given
 */
export function shuffled<Item>(items: readonly Item[], randomBelow: (limit: number) => number): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = randomBelow(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
