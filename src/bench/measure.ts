/**
 * Timing that can be believed: contenders take turns, so that a busy moment of the machine hits them alike, and a time that does
 * not grow with the work is refused.
 *
 * @module
 */

/** Something that can be done any number of times. */
export interface Contender {
  /** What results and errors call it. */
  readonly name: string;
  /**
   * Does it so many times, and returns when all of it is done: it reads something from what it made.
   *
   * @param repetitions 1 or more.
   */
  run(repetitions: number): Promise<void>;
}

/** How long and how often. */
export interface MeasureOptions {
  /** Turns that each contender takes. */
  readonly rounds: number;
  /** Least duration of the shorter of a turn's two runs, in seconds. */
  readonly seconds: number;
  /** Is told what goes on. */
  readonly onProgress?: (message: string) => void;
}

/** What was measured of one contender. */
export interface Timing {
  /** Repetitions of the longer run. */
  readonly repetitions: number;
  /** Seconds a repetition, for each round. */
  readonly seconds: readonly number[];
  /** Their median. */
  readonly median: number;
  /** The least of them. */
  readonly least: number;
  /** Least time of twice the repetitions over the least of the repetitions: 2, less what a run costs besides. */
  readonly growth: number;
}

/** Why there is no figure. */
export interface Missing {
  /** What was said. */
  readonly error: string;
  /** Whether there was a figure, which is not to be believed; else it failed. */
  readonly disbelieved: boolean;
}

/** A timing, or why there is none. */
export type Outcome = Timing | Missing;

/** Growth outside of these is no growth with the work: a lazy library stays at 1. */
const LEAST_GROWTH = 1.5, LARGEST_GROWTH = 3;

/** No run is made longer than this many repetitions. */
const MOST_REPETITIONS = 1 << 16;

/** One contender with its measurements so far. */
interface Turn {
  readonly contender: Contender;
  repetitions: number;
  readonly shorter: number[];
  readonly longer: number[];
  error?: string;
}

/**
 * Measures contenders in turns: A B C, A B C, …, each turn a run of k repetitions and one of 2k.
 *
 * @param contenders What is measured; one that throws is left out of the rounds that follow.
 * @param options How long and how often.
 * @returns An outcome for each, in the same order.
 */
export async function measure(
  contenders: readonly Contender[],
  { rounds, seconds, onProgress = () => {} }: MeasureOptions,
): Promise<Outcome[]> {
  const turns: Turn[] = contenders.map((contender) => ({
    contender,
    repetitions: 1,
    shorter: [],
    longer: [],
  }));
  for (const turn of turns) {
    onProgress(`${turn.contender.name}: warming up`);
    await guarded(turn, async () => void (turn.repetitions = await enough(turn.contender, seconds)));
  }
  for (let round = 0; round < rounds; round++) {
    onProgress(`round ${round + 1} of ${rounds}`);
    for (const turn of turns) await guarded(turn, () => takeTurn(turn));
  }
  return turns.map(outcome);
}

/** The middle of some numbers; of an even number of them the upper one of the two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** The repetitions that take long enough. Finding them warms up as well. */
async function enough(contender: Contender, seconds: number): Promise<number> {
  await contender.run(1);
  for (let repetitions = 1;; repetitions *= 2) {
    if (await timed(contender, repetitions) >= seconds || repetitions >= MOST_REPETITIONS) return repetitions;
  }
}

async function takeTurn({ contender, repetitions, shorter, longer }: Turn): Promise<void> {
  shorter.push(await timed(contender, repetitions));
  longer.push(await timed(contender, 2 * repetitions));
}

async function timed(contender: Contender, repetitions: number): Promise<number> {
  const start = performance.now();
  await contender.run(repetitions);
  return (performance.now() - start) / 1000;
}

/** Does a step unless one before has failed; an error is kept. */
async function guarded(turn: Turn, step: () => Promise<void>): Promise<void> {
  if (turn.error !== undefined) return;
  try {
    await step();
  } catch (error) {
    turn.error = (error instanceof Error ? error.message : String(error)).trim() ||
      "failed without a message";
  }
}

function outcome({ repetitions, shorter, longer, error }: Turn): Outcome {
  if (error !== undefined) return { error, disbelieved: false };
  // Of the least times, since those are the least disturbed by whatever else the machine does.
  const growth = Math.min(...longer) / Math.min(...shorter);
  if (!(growth >= LEAST_GROWTH && growth <= LARGEST_GROWTH)) {
    return {
      error: `not believable: ${2 * repetitions} repetitions take ${
        growth.toFixed(2)
      } times as long as ${repetitions}, where 2 is expected`,
      disbelieved: true,
    };
  }
  const seconds = longer.map((time) => time / (2 * repetitions));
  return {
    repetitions: 2 * repetitions,
    seconds,
    median: median(seconds),
    least: Math.min(...seconds),
    growth,
  };
}
