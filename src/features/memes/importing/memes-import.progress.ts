import cliProgress from 'cli-progress';

/** Shows how far an import is. */
export interface ImportProgress {
  update(bytes: number): void;
  /** Ends the display; a log says once more where it got to when it is `complete`. */
  stop(complete: boolean): void;
}

const LINE_EVERY_MS = 1000;

/** A bar that redraws itself on a terminal; lines, at most one a second, in a log. */
export function importProgress(output: NodeJS.WriteStream, totalBytes: number): ImportProgress {
  return output.isTTY ? bar(output, totalBytes) : lines(output, totalBytes);
}

function bar(stream: NodeJS.WriteStream, totalBytes: number): ImportProgress {
  const shown = new cliProgress.SingleBar({ stream, format: 'Importing {bar} {percentage} % | {eta_formatted} left', hideCursor: true }, cliProgress.Presets.shades_classic);
  shown.start(totalBytes, 0);
  return {
    update: (bytes) => shown.update(bytes),
    stop: () => shown.stop(),
  };
}

function lines(output: NodeJS.WritableStream, totalBytes: number): ImportProgress {
  let bytes = 0;
  let written = performance.now();
  const write = () => output.write(`Importing: ${totalBytes === 0 ? 0 : Math.floor((bytes / totalBytes) * 100)} %\n`);
  write();
  return {
    update: (now) => {
      bytes = now;
      if (bytes >= totalBytes || performance.now() - written < LINE_EVERY_MS) return;
      written = performance.now();
      write();
    },
    stop: (complete) => {
      if (complete) write();
    },
  };
}
