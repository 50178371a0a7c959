/**
 * Where lines go. On a terminal a status line stands below them, says what goes on, and is gone once the run ends;
 * while a person is being asked, lines wait, so that they do not run through the prompt.
 */
import { type Paint, paintFor } from "./paint.ts";
import { oneLine, seconds } from "./text.ts";

export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Screen {
  readonly paint: Paint;
  /** Columns of the terminal; where there is none, lines may be long. */
  readonly width: number;
  line(text?: string): void;
  /** Says what goes on, on a terminal. Undefined: nothing. */
  status(text: string | undefined): void;
  /** Runs `prompt` with the terminal to itself. */
  alone<T>(prompt: () => Promise<T>): Promise<T>;
  /** Takes the status away. */
  close(): void;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 120;
const clearLine = "\r\u001b[2K";
/** For a pipe or a file: long enough to keep a fault's whole message. */
const unbounded = 400;

export function openScreen(output: Output, env: NodeJS.ProcessEnv, now: () => number = Date.now): Screen {
  const live = output.isTTY === true;
  const paint = paintFor(output, env);
  const waiting: string[] = [];
  let asking = false;
  let status: { text: string; since: number } | undefined;
  let frame = 0;

  const draw = () => {
    if (!live || asking || status === undefined) return;
    frame = (frame + 1) % frames.length;
    const text = `${status.text} ${seconds(now() - status.since)}`;
    output.write(`${clearLine}${paint.cyan(frames[frame] ?? "")} ${paint.dim(oneLine(text, width() - 3))}`);
  };
  const clear = () => {
    if (live && status !== undefined && !asking) output.write(clearLine);
  };
  const timer = live ? setInterval(draw, frameMs) : undefined;
  timer?.unref();
  const width = () => (live ? (output.columns ?? 80) : unbounded);

  const line = (text = "") => {
    if (asking) {
      waiting.push(text);
      return;
    }
    clear();
    output.write(`${text}\n`);
  };

  return {
    paint,
    get width() {
      return width();
    },
    line,
    status(text) {
      clear();
      status = text === undefined ? undefined : { text, since: now() };
    },
    async alone(prompt) {
      clear();
      asking = true;
      try {
        return await prompt();
      } finally {
        asking = false;
        for (const text of waiting.splice(0)) line(text);
      }
    },
    close() {
      clear();
      status = undefined;
      clearInterval(timer);
    },
  };
}
