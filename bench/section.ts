/**
 * One part of docs/results.md. What it measured is kept as JSON in bench/results, so that a part can be measured alone
 * and the page is always written from all of them.
 */
export interface Section<Figures> {
  /** Names it on the command line, and its file. */
  readonly name: string;
  readonly heading: string;
  /** @returns Undefined when this machine lacks what it takes; `say` has heard why. */
  measure(say: (line: string) => void, options: MeasureOptions): Promise<Figures | undefined>;
  /** The Markdown under the heading. */
  render(figures: Figures): string;
  /** Figures as SVG, by the name of their file. `measuredOn` is to stand on each. */
  charts?(figures: Figures, measuredOn: string): Readonly<Record<string, string>>;
}

export interface MeasureOptions {
  /** Also measure what takes many minutes and whose outcome can be told from less. */
  readonly full: boolean;
}
