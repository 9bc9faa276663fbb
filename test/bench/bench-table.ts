import os from 'node:os';

/** One figure of Plaza beside the same figure of something simpler, both measured in the same run. */
export interface BenchRow {
  readonly name: string;
  /** What both figures count, e.g. `requests/s`. */
  readonly unit: string;
  readonly plaza: number;
  readonly baseline: number;
  /** What the baseline is. */
  readonly against: string;
  /** The ratio plaza / baseline that is aimed at; a floor unless `atMost`. Absent where the figure is only to be known. */
  readonly aim?: number;
  /** True when the ratio should stay below the aim: times, not rates. */
  readonly atMost?: boolean;
  readonly note?: string;
}

/** The median of some rounds: one slow round must not decide. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** A Markdown table, as it stands in the README. */
export function tableOf(rows: readonly BenchRow[]): string {
  const number = (value: number) => Math.round(value).toLocaleString('en-US');
  const lines = rows.map((row) => {
    const ratio = row.plaza / row.baseline;
    const aim = row.aim === undefined ? '' : `${row.atMost ? '≤' : '≥'} ${row.aim}`;
    return `| ${row.name} | ${number(row.plaza)} ${row.unit} | ${number(row.baseline)} ${row.unit} (${row.against}) | **${ratio.toFixed(2)}** | ${aim} | ${row.note ?? ''} |`;
  });
  return ['| what | Plaza | baseline, same run | ratio | aim | |', '| --- | --- | --- | --- | --- | --- |', ...lines].join('\n');
}

/** The machine the figures belong to. */
export function machine(): string {
  const cpus = os.cpus();
  return `${cpus.length} × ${cpus[0]?.model.trim() ?? 'unknown CPU'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release()}, Node ${process.versions.node}`;
}
