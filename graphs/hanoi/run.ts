/**
 * A tower as a program runs it: on this project's checkpoints, under the thread's lease, from wherever the thread stands.
 *
 * Used by the command line, the tests and the bench. Studio and the servers run the graph themselves.
 */
import { isGraphDrained, RunControl } from "@langchain/langgraph";
import { type Persistence, StartUpError } from "#checkpoints/index.ts";
import type { Settings } from "./context.ts";
import { hanoi } from "./graph.ts";
import { type Judge, judge } from "./judge.ts";
import type { Mover } from "./mover/mover.ts";
import type { HanoiState, Tower } from "./state.ts";
import { isSolved, startOf } from "./tower.ts";

/**
 * LangGraph 1.7.3 keeps some 500 bytes of each superstep until its call ends (measured), which a million of them would
 * make half a gigabyte: so a run ends between two supersteps now and then, and goes on with the next call.
 */
const movesInOneGo = 10_000;

export interface RunOptions {
  readonly thread: string;
  readonly disks: number;
  readonly settings: Settings;
  readonly mover: Mover;
  /** Asked after each move: whether the run is to end here. */
  readonly isStopped?: () => boolean;
  /** Where the thread stands, before anything is run. */
  readonly onStart?: (tower: Tower) => void;
  readonly onMove?: (tower: Tower, judge: Judge) => void;
}

export interface RunEnd {
  readonly tower: Tower;
  readonly votes: NonNullable<HanoiState["votes"]>;
  /** Moves made before this run. */
  readonly from: number;
  /** Wrong moves that this run made. */
  readonly wrong: number;
  /** What ended it before the tower was solved. */
  readonly error?: unknown;
}

/**
 * @throws StartUpError when the thread has a tower of other size.
 * @throws LeaseHeldError when somebody else runs the thread.
 */
export async function runTower(persistence: Persistence, options: RunOptions): Promise<RunEnd> {
  const {
    thread,
    disks,
    settings,
    mover,
    isStopped = () => false,
    onStart = () => {},
    onMove = () => {},
  } = options;
  const graph = hanoi(mover).compile({ checkpointer: persistence.saver, name: "hanoi" });
  const config = { configurable: { thread_id: thread } };

  async function standing() {
    const { values, next } = await graph.getState(config);
    const { disks: size, tower, votes } = values as Partial<HanoiState>;
    return {
      size: size ?? disks,
      tower: tower ?? { pegs: startOf(disks).map((peg) => [...peg]), moves: 0, last: null },
      votes: votes ?? { drawn: 0, discarded: 0 },
      begun: next.length > 0,
      ours: size !== undefined || Object.keys(values).length === 0,
    };
  }

  return persistence.leases.hold(thread, async (signal) => {
    const { size, tower, begun, ours } = await standing();
    if (!ours) throw new StartUpError(`Thread ${thread} is no tower's: give another --thread.`);
    if (size !== disks) {
      throw new StartUpError(
        `Thread ${thread} has a tower of ${size} disks: give --disks ${size} to go on with it, or another --thread.`,
      );
    }
    onStart(tower);
    const eye = judge(tower);
    const end = async (error?: unknown): Promise<RunEnd> => {
      const { tower: last, votes } = await standing();
      return {
        tower: last,
        votes,
        from: tower.moves,
        wrong: eye.wrong,
        ...(error === undefined ? {} : { error }),
      };
    };
    try {
      for (
        let at = tower, input = begun ? null : { disks };
        !isSolved(at.pegs) && !isStopped();
        input = null
      ) {
        for await (const next of stretch(input, signal)) {
          eye.saw(next);
          onMove(next, eye);
          at = next;
        }
      }
      return await end();
    } catch (error) {
      // Another process may have gone on with the tower, and its moves are not this run's.
      if (signal.aborted) throw signal.reason;
      return await end(error).catch(() => {
        throw error; // the database is gone: where the tower stands is not known
      });
    }
  });

  /** So many moves at most, and one that is under way. */
  async function* stretch(input: { disks: number } | null, signal: AbortSignal): AsyncGenerator<Tower> {
    const control = new RunControl();
    const updates = await graph.stream(input, {
      ...config,
      context: settings,
      durability: "sync",
      // Each move is a superstep, and some more may follow the request to drain.
      recursionLimit: 2 * movesInOneGo,
      streamMode: "updates",
      control,
      // One of its own, since LangGraph leaves its listeners on the signal of a run that has ended.
      signal: AbortSignal.any([signal]),
    });
    try {
      let moves = 0;
      for await (const { move } of updates as AsyncIterable<{ move?: Partial<HanoiState> }>) {
        if (move?.tower === undefined) continue;
        yield move.tower;
        if (++moves === movesInOneGo || isStopped()) control.requestDrain("end of the stretch");
      }
    } catch (error) {
      if (!isGraphDrained(error)) throw error;
    }
  }
}
