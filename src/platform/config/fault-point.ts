let armed: { name: string; remaining: number } | undefined;

/**
 * Arms one named point: the process is killed, as by a power cut, when it gets there. Called once with
 * PLAZA_FAULT, which production refuses.
 *
 * @param fault `<point>` or `<point>@<n>` for the n-th time the point is reached
 */
export function armFault(fault: string | undefined): void {
  if (fault === undefined) {
    armed = undefined;
    return;
  }
  const [name = '', nth = '1'] = fault.split('@');
  armed = { name, remaining: Number(nth) };
}

/** Marks a moment at which a crash must cost nothing. Does nothing unless a test armed it. */
export function faultPoint(name: string): void {
  if (armed?.name !== name) return;
  armed.remaining -= 1;
  if (armed.remaining <= 0) process.kill(process.pid, 'SIGKILL');
}
