/**
 * One measured run of the public tickets, in a process of its own, so that its memory is its own. Started by `tickets.ts`
 * with one JSON argument; prints one JSON line.
 */
import { runRetail } from "../../test/tickets/run-tickets.ts";

export interface RunRequest {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly schema: string;
  readonly faults: { readonly model: number; readonly tool: number; readonly payment: number };
  readonly seed: number;
}

export interface RunFigures {
  readonly tickets: number;
  readonly asExpected: number;
  readonly wrong: number;
  readonly effects: number;
  readonly faultsMet: number;
  readonly seconds: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly peakMb: number;
}

if (process.argv[2] !== undefined) {
  const request = JSON.parse(process.argv[2]) as RunRequest;
  const started = performance.now();
  const { ends } = await runRetail({ ...request, scripted: false });
  const seconds = (performance.now() - started) / 1000;
  const ms = ends.map((end) => end.ms).sort((a, b) => a - b);
  const figures: RunFigures = {
    tickets: ends.length,
    asExpected: ends.filter(({ records }) => records === "expected").length,
    wrong: ends.filter(({ records }) => records === "wrong").length,
    effects: ends.reduce((sum, { report }) => sum + report.effects.length, 0),
    faultsMet: ends.reduce((sum, { report }) => sum + report.faultList.length, 0),
    seconds,
    medianMs: ms[Math.floor(ms.length / 2)] ?? 0,
    p95Ms: ms[Math.floor(ms.length * 0.95)] ?? 0,
    // Kilobytes on Linux and macOS alike.
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
