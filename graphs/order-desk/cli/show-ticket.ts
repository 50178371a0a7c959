/** Shows a ticket while it runs: in full, one after another, or in few lines with its name before each. */
import type { DeskEvent } from "../desk.ts";
import { compactLine, entryLine } from "./entry-line.ts";
import type { TicketResult } from "./run-ticket.ts";
import type { Screen } from "./screen.ts";
import { compactEnding, endingLines, headingLines, type TicketHeading } from "./ticket-lines.ts";
import { createNarrator } from "./timeline.ts";

export interface TicketView {
  onEvent(event: DeskEvent): void;
  end(result: TicketResult): void;
}

export interface ShownAs {
  readonly screen: Screen;
  readonly now: () => number;
  /** The question comes with its prompt, so the timeline need not tell it. */
  readonly prompted: boolean;
}

export function fullView(heading: TicketHeading, { screen, now, prompted }: ShownAs): TicketView {
  const began = now();
  const narrate = createNarrator();
  for (const line of headingLines(heading, screen.paint, screen.width)) screen.line(line);
  screen.status(`${heading.id} begins`);
  return {
    onEvent(event) {
      const ms = now() - began;
      for (const entry of narrate(event)) {
        if (prompted && entry.mark === "asks") continue;
        screen.line(entryLine(entry, { paint: screen.paint, width: screen.width, ms }));
      }
      screen.status(statusOf(heading.id, event));
    },
    end(result) {
      screen.status(undefined);
      for (const line of endingLines(result, screen.paint, screen.width)) screen.line(line);
    },
  };
}

export function compactView({ id }: TicketHeading, { screen, prompted }: ShownAs): TicketView {
  const narrate = createNarrator();
  return {
    onEvent(event) {
      for (const entry of narrate(event)) {
        if (entry.routine || (prompted && entry.mark === "asks")) continue;
        screen.line(compactLine(String(id), entry, { paint: screen.paint, width: screen.width }));
      }
    },
    end: (result) => screen.line(compactEnding(result, screen.paint)),
  };
}

function statusOf(id: string | number, event: DeskEvent): string {
  if (event.kind === "fault" && event.event.type === "waiting") {
    return `${id}: ${event.event.node} waits ${event.event.ms} ms`;
  }
  return `${id}: after ${event.kind === "node" ? event.node : event.event.node}`;
}
