import { heapStats } from "bun:jsc";
import { loadavg } from "node:os";

/** What a piece of work cost: wall time, and CPU time of this process with all its threads. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

export async function cost(work: () => unknown): Promise<Cost> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1e3 };
}

/** The same without a turn of the event loop, for work that awaits nothing. */
export function costOf(work: () => void): Cost {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1e3 };
}

/** Live bytes of the JavaScript heap, after a full collection. */
export function heapBytes(): number {
  Bun.gc(true);
  return heapStats().heapSize;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that the share of all values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** CPU time of another process so far, in ms: utime and stime of proc_pid_stat(5), in ticks of 10 ms. */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await Bun.file(`/proc/${pid}/stat`).text();
  // The name, second field, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Resident memory of another process now and at its highest, in MB. */
export async function memoryOf(pid: number): Promise<{ nowMB: number; peakMB: number }> {
  const status = await Bun.file(`/proc/${pid}/status`).text();
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return { nowMB: megabytes("VmRSS"), peakMB: megabytes("VmHWM") };
}

export function load(): string {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(" ");
}

type Cell = string | number;

/** Prints rows under their headings; numbers are rounded to three significant places and stand right. */
export function table(title: string, headings: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const texts = [headings, ...rows.map((row) => row.map(text))];
  const widths = headings.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  console.log(`\n${title}`);
  for (const [index, row] of texts.entries()) {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return typeof rows[0]?.[column] === "number" ? cell.padStart(width) : cell.padEnd(width);
    });
    console.log(`  ${cells.join("  ").trimEnd()}`);
    if (index === 0) console.log(`  ${widths.map((width) => "-".repeat(width)).join("  ")}`);
  }
}

function text(cell: Cell): string {
  if (typeof cell === "string") return cell;
  if (!Number.isFinite(cell)) return "-";
  const rounded = Math.abs(cell) >= 100 ? Math.round(cell) : Number(cell.toPrecision(3));
  return rounded.toLocaleString("en", { maximumFractionDigits: 3 });
}
