/**
 * A comparison over several seeds: every initialisation from each, paired, and resumable run by run.
 *
 * @module
 */
import type { Split } from "../data/split.ts";
import { ArgumentError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Initializer } from "../init/initializer.ts";
import type { Key } from "../random/key.ts";
import { DeviceData } from "../train/device_data.ts";
import { type CompareOptions, comparisonOf, trainFrom } from "./compare.ts";
import type { ComparedRun, Comparison, SeedResult, SeedStudy } from "./comparison.ts";
import { studySeeds } from "./seed_study.ts";

/** A result, and for the runs of the first seed all that was measured. */
export interface SeedRun extends SeedResult {
  /** The whole run. */
  run?: ComparedRun;
}

/** What {@linkcode compareSeeds} trains. */
export interface CompareSeedsOptions extends Omit<CompareOptions, "key"> {
  /** One key a seed, one or more. Each is the seed of the weights and of the data order of all initialisations. */
  keys: readonly Key[];
  /** Runs of an earlier call with the same settings: they are not trained again. */
  known?: readonly SeedRun[];
  /** Is called after every run that was trained, to keep it; the next one waits for it. */
  onRun?: (run: SeedRun) => void | Promise<void>;
}

/**
 * Trains the same network from several initialisations and several seeds, and reports whether one ends better than another or
 * only had luck.
 *
 * @param gpu Where.
 * @param data Training part and held-out test part.
 * @param options Network, initialisations, seeds and training.
 * @returns The comparison of the first seed, with the study of all in `seeds`.
 * @throws {ArgumentError} without a key, or with the same seed twice. As `compareInitializers` does.
 */
export async function compareSeeds(
  gpu: Gpu,
  data: Split,
  options: CompareSeedsOptions,
): Promise<Comparison & { seeds: SeedStudy }> {
  const { keys, inits } = options;
  assertKeys(keys);
  using train = new DeviceData(gpu, data.train);
  using test = new DeviceData(gpu, data.test);
  const results: SeedResult[] = [], runs: ComparedRun[] = [];
  for (const key of keys) {
    for (const init of inits) {
      const isFirst = key === keys[0];
      const { run, ...result } = knownRun(options, key, init) ??
        await newRun(await trainFrom(gpu, { train, test }, init, { ...options, key }), key, isFirst, options);
      results.push(result);
      if (isFirst) runs.push(run!);
    }
  }
  const seeds = studySeeds(results, inits.map(String));
  return { ...comparisonOf(gpu, data, { ...options, key: keys[0] }, runs), seeds };
}

function assertKeys(keys: readonly Key[]): void {
  if (keys.length === 0) throw new ArgumentError("no key to compare from", "give one or more");
  const seeds = keys.map((key) => key.seed), twice = seeds.find((seed, i) => seeds.indexOf(seed) !== i);
  if (twice !== undefined) throw new ArgumentError(`seed ${twice} is given twice`, "give it once");
}

/** Hands a run over to be kept; all of it only where the report shows it, since the losses of its steps are many. */
async function newRun(
  run: ComparedRun,
  key: Key,
  isFirst: boolean,
  { onRun }: CompareSeedsOptions,
): Promise<SeedRun> {
  const { init, verdict, finalLoss, finalAccuracy, seconds } = run;
  const kept = { seed: key.seed, init, verdict, finalLoss, finalAccuracy, seconds, ...isFirst && { run } };
  await onRun?.(kept);
  return kept;
}

/**
 * A run that need not be trained: of the first seed only one of which everything is known.
 *
 * @param options What is known, and the keys of the study.
 * @param key The key of the run.
 * @param init Its initialisation.
 * @returns Undefined where it is to be trained.
 */
export function knownRun(
  { known, keys }: Pick<CompareSeedsOptions, "known" | "keys">,
  key: Key,
  init: Initializer,
): SeedRun | undefined {
  return known?.find((run) =>
    run.seed === key.seed && run.init === `${init}` && (key !== keys[0] || run.run !== undefined)
  );
}
