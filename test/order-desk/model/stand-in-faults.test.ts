import { describe, expect, it } from "vitest";
import { modelWeather } from "#graphs/order-desk/model/stand-in-faults.ts";

const faultsOf = (options: { rate: number; seed: number }, thread: string, calls: number) => {
  const weather = modelWeather(options);
  return Array.from({ length: calls }, () => weather.next(thread));
};

describe("the stand-in's faults", () => {
  it("repeat themselves for a seed, whatever other threads do meanwhile", () => {
    const alone = faultsOf({ rate: 0.3, seed: 7 }, "t", 200);
    const crowded = modelWeather({ rate: 0.3, seed: 7 });
    const again = alone.map(() => {
      crowded.next("another");
      return crowded.next("t");
    });
    expect(again).toEqual(alone);
    expect(faultsOf({ rate: 0.3, seed: 8 }, "t", 200)).not.toEqual(alone);
  });

  it("come about as often as the rate says, and never three in a row", () => {
    const faults = Array.from({ length: 200 }, (_, index) =>
      faultsOf({ rate: 0.2, seed: 1 }, `t${index}`, 50),
    ).flat();
    const share = faults.filter((fault) => fault !== undefined).length / faults.length;
    expect(share).toBeGreaterThan(0.17);
    expect(share).toBeLessThan(0.21);
    const run = faultsOf({ rate: 1, seed: 1 }, "t", 7).map((fault) => fault !== undefined);
    expect(run).toEqual([true, true, false, true, true, false, true]);
  });

  it("stay away at rate 0", () => {
    expect(faultsOf({ rate: 0, seed: 1 }, "t", 100).filter(Boolean)).toEqual([]);
  });

  it("of a scene come first, one a call, on its thread only", () => {
    const weather = modelWeather({ rate: 0, seed: 1 });
    weather.scene("t", ["429", "malformed"]);
    expect(weather.next("other")).toBeUndefined();
    expect([weather.next("t"), weather.next("t"), weather.next("t")]).toEqual([
      "429",
      "malformed",
      undefined,
    ]);
  });

  it.each([-0.1, 1.1, Number.NaN])("refuse the rate %s with a word", (rate) => {
    expect(() => modelWeather({ rate, seed: 1 })).toThrow(/between 0 and 1/);
  });
});
