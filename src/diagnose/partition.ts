/**
 * Partitions by a key that may lie and a comparison that does not.
 *
 * @module
 */

/** Says of pairs whether the two differ, in the same order. */
export type Differ = (pairs: readonly (readonly [number, number])[]) => Promise<boolean[]>;

/**
 * Splits classes into the classes of equals. Members with different keys differ; members with equal keys are compared with the first
 * of them, and those that differ from it among each other again, so that a collision of keys costs a round and changes nothing.
 *
 * @param classes Disjoint classes, each in ascending order.
 * @param keys A number for every member.
 * @param differ The exact comparison; is asked once a round, and not at all when no keys are equal.
 * @returns The classes of equals, each in ascending order, in the order of their first member.
 */
export async function refine(
  classes: readonly (readonly number[])[],
  keys: ArrayLike<number>,
  differ: Differ,
): Promise<number[][]> {
  const done: number[][] = [];
  let pending = classes.flatMap((members) => byKey(members, keys));
  while (pending.length > 0) {
    const pairs = pending.flatMap(([first, ...others]) => others.map((other) => [first, other] as const));
    const verdicts = pairs.length === 0 ? [] : await differ(pairs);
    let at = 0;
    const next: number[][] = [];
    for (const [first, ...others] of pending) {
      const equal = [first], rest: number[] = [];
      for (const other of others) (verdicts[at++] ? rest : equal).push(other);
      done.push(equal);
      if (rest.length > 0) next.push(rest);
    }
    pending = next;
  }
  return done.sort((a, b) => a[0] - b[0]);
}

function byKey(members: readonly number[], keys: ArrayLike<number>): number[][] {
  const groups = new Map<number, number[]>();
  for (const member of members) {
    const group = groups.get(keys[member]);
    if (group === undefined) groups.set(keys[member], [member]);
    else group.push(member);
  }
  return [...groups.values()];
}
