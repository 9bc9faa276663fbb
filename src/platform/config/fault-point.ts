const POINT = /^(?<name>[^@]+)(?:@(?<nth>[1-9]\d*))?$/;

const known = new Set<string>();
let armed: { name: string; remaining: number } | undefined;

/**
 * Declares moments at which a crash must cost nothing, once for each module that has any. Platform so
 * knows no feature's points, and one that is misspelt in PLAZA_FAULT is still found at boot.
 *
 * @returns marks such a moment; does nothing unless a test armed it
 */
export function faultPoints<Name extends string>(...names: readonly Name[]): (name: Name) => void {
  for (const name of names) {
    if (known.has(name)) throw new Error(`fault point ${name} is declared twice`);
    known.add(name);
  }
  return (name) => {
    if (armed?.name !== name) return;
    armed.remaining -= 1;
    if (armed.remaining <= 0) process.kill(process.pid, 'SIGKILL');
  };
}

/** Every point declared by the modules loaded so far. */
export function knownFaultPoints(): string[] {
  return [...known].sort();
}

/** True for `<point>` and `<point>@<n>` of a declared point. */
export function isFault(fault: string): boolean {
  return known.has(POINT.exec(fault)?.groups?.['name'] ?? '');
}

/**
 * Arms one point: the process is killed, as by a power cut, when it gets there. Called once with
 * PLAZA_FAULT, which production refuses.
 *
 * @param fault `<point>` or `<point>@<n>` for the n-th time the point is reached
 * @throws Error when no such point is declared: it would arm nothing
 */
export function armFault(fault: string | undefined): void {
  armed = undefined;
  if (fault === undefined) return;
  if (!isFault(fault)) throw new Error(`there is no fault point ${fault}; there are ${knownFaultPoints().join(', ')}`);
  const { name = '', nth = '1' } = POINT.exec(fault)!.groups!;
  armed = { name, remaining: Number(nth) };
}
