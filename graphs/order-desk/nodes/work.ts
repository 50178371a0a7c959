/**
 * The supervisor of the desk's two subgraphs. Fulfilment rests on the plan, so what restarts planning would restart it
 * too; a restart begins with a clean slate, since a planner that went astray is led on by its own words.
 *
 * A storm of replans ends with the intensity: the case goes to staff, and a bug to whoever runs the thread.
 */
import { supervise } from "#src/isolation/index.ts";
import { deskContext } from "../context.ts";
import type { Resources } from "../resources.ts";
import { deskState } from "../state.ts";
import { fulfils, plans } from "./desk.ts";
import { fulfilment } from "./fulfilment/graph.ts";
import { planning } from "./planning/graph.ts";

export const work = (resources: Resources) =>
  supervise({
    name: "work",
    state: deskState,
    context: deskContext,
    strategy: "rest_for_one",
    intensity: 2,
    periodMs: 600_000,
    children: [
      {
        name: "planning",
        run: planning(resources),
        restart: "transient",
        owns: ["facts", "plan", "estimates"],
        when: plans,
      },
      {
        name: "fulfilment",
        run: fulfilment(resources),
        restart: "transient",
        owns: ["done", "undone", "stuck", "carriedOut"],
        when: fulfils,
      },
    ],
  });
