/**
 * The order in which a model's modules stand, from the names of its parameters.
 *
 * @module
 */

/**
 * Sorts dotted names as a model has its modules: names that differ in a number by that number, "fc2" before "fc10" and "layers.2.linear1"
 * before "layers.10.linear1", all others as they come. Files are often sorted by their characters, which is neither.
 *
 * What begins alike stays together, where the first of it stands.
 *
 * @param names Names such as "net.0" or "encoder.layers.0.linear1", each once.
 */
export function moduleOrder(names: readonly string[]): string[] {
  return sorted(names.map((name) => name.split("."))).map((segments) => segments.join("."));
}

function sorted(names: readonly (readonly string[])[]): (readonly string[])[] {
  const groups = groupsOf(names, ([first]) => first);
  return numbered([...groups.keys()]).flatMap((first) => {
    const group = groups.get(first)!, itself = group.filter(({ length }) => length === 1);
    const below = group.filter(({ length }) => length > 1).map((segments) => segments.slice(1));
    return [...itself, ...sorted(below).map((segments) => [first, ...segments])];
  });
}

/** Segments of one stem in the order of their numbers, in the places that they have among the others. */
function numbered(segments: readonly string[]): string[] {
  const byStem = groupsOf(segments, stemOf);
  for (const [stem, group] of byStem) byStem.set(stem, group.toSorted((a, b) => numberOf(a) - numberOf(b)));
  return segments.map((segment) => byStem.get(stemOf(segment))!.shift()!);
}

/** "fc" of "fc10"; the segment itself where it ends in no number. */
function stemOf(segment: string): string {
  return segment.replace(/\d{1,9}$/, "#");
}

function numberOf(segment: string): number {
  return Number(/\d{1,9}$/.exec(segment)?.[0] ?? 0);
}

/** As `Map.groupBy`, which Node 20 lacks. */
function groupsOf<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item), group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
