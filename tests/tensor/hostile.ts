import { InputError } from "../../src/gpu/errors.ts";

/**
 * Runs a reader on what may be anything: it must return or refuse, in one line, and never fail in a way of
 * its own.
 */
export function endsInResultOrInputError(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof InputError && !error.message.includes("\n")) return false;
    throw error;
  }
}

/** A small generator for fuzzing: the same seed gives the same cases. */
export function cheapRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

/** A copy with a few bytes changed, inserted or removed. */
export function mutate(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const changed = [...bytes];
  for (let edits = 1 + random(2); edits > 0; edits--) {
    const at = random(changed.length);
    // Mostly in place: a change of length is the first thing that a reader refuses.
    const kind = random(6);
    if (kind === 0) changed.splice(at, 1 + random(4));
    else if (kind === 1) changed.splice(at, 0, random(256));
    else if (kind < 4) changed[at] = 0x20 + random(0x5f);
    else changed[at] ^= 1 << random(8);
  }
  return Uint8Array.from(changed);
}
