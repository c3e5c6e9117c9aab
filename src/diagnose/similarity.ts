/**
 * The neurons of a layer in an order in which those that are alike stand together.
 *
 * @module
 */

/** Rows in such an order. */
export interface SimilarityOrder {
  /** Indices of the rows, as many as were compared. */
  readonly order: readonly number[];
  /** The cosine of each row in this order with the one before it; 0 for the first, and beside a row that is not finite. */
  readonly cosines: readonly number[];
}

/** Rows that are compared at most: every pair is. */
const MOST_ROWS = 2048;

/** Elements of a row that count at most. */
const MOST_COLUMNS = 256;

/**
 * Sorts the rows of a matrix so that each is followed by the one most like it, by the cosine, of all that are left. It begins with the
 * two that are most alike. Equal rows stand together, wherever they were; two rows of zeros count as equal.
 *
 * Of more than 2048 rows 2048 are taken, evenly spaced; of more than 256 columns 256 count, evenly spaced. Rows with an element that is
 * not finite stand at the end.
 *
 * @param x [rows, columns], row-major.
 * @param rows How many.
 * @param columns Elements of each.
 */
export function orderBySimilarity(x: ArrayLike<number>, rows: number, columns: number): SimilarityOrder {
  const taken = evenly(rows, MOST_ROWS), used = evenly(columns, MOST_COLUMNS);
  const directions = taken.map((row) => direction(x, row * columns, columns, used));
  const left = [...taken.keys()].filter((i) => directions[i] !== undefined);
  const lost = [...taken.keys()].filter((i) => directions[i] === undefined);
  const cosine = (i: number, j: number) => dot(directions[i]!, directions[j]!);
  const order: number[] = [], cosines: number[] = [];
  let [next, similarity] = [mostAlike(left, cosine), 0];
  while (left.length > 0) {
    const row = left[next];
    left[next] = left[left.length - 1];
    left.pop();
    order.push(row);
    cosines.push(similarity);
    [next, similarity] = nearest(row, left, cosine);
  }
  return {
    order: [...order, ...lost].map((i) => taken[i]),
    cosines: [...cosines, ...lost.map(() => 0)],
  };
}

/** Whole numbers from 0 to count - 1: all, or as many as asked for at equal distances. */
function evenly(count: number, most: number): number[] {
  const taken = Math.min(count, most);
  return Array.from({ length: taken }, (_, i) => Math.floor(i * count / taken));
}

/** A row divided by its length, with one element more that tells rows of zeros apart; undefined if it is not finite. */
function direction(
  x: ArrayLike<number>,
  begin: number,
  columns: number,
  used: readonly number[],
): Float64Array | undefined {
  let largest = 0;
  for (let i = begin; i < begin + columns; i++) {
    if (!Number.isFinite(x[i])) return undefined;
    largest = Math.max(largest, Math.abs(x[i]));
  }
  // Scaled first: the squares of numbers of 1e-30 and of 1e30 leave the range of the sum below.
  const row = Float64Array.from([...used, -1], (c) => c < 0 || largest === 0 ? 0 : x[begin + c] / largest);
  const length = Math.sqrt(dot(row, row));
  if (length === 0) row[used.length] = 1;
  return length === 0 ? row : row.map((value) => value / length);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

type Cosine = (i: number, j: number) => number;

/** Where in a list the first row of the most similar pair is; 0 where there is no pair. */
function mostAlike(rows: readonly number[], cosine: Cosine): number {
  let place = 0, most = -Infinity;
  rows.forEach((row, i) => {
    for (let j = i + 1; j < rows.length; j++) {
      const similarity = cosine(row, rows[j]);
      if (similarity > most) [place, most] = [i, similarity];
    }
  });
  return place;
}

/** Where in a list the row most like another is, and its cosine. */
function nearest(row: number, rows: readonly number[], cosine: Cosine): [place: number, cosine: number] {
  let place = 0, most = -Infinity;
  for (let i = 0; i < rows.length; i++) {
    const similarity = cosine(row, rows[i]);
    if (similarity > most) [place, most] = [i, similarity];
  }
  return [place, rows.length === 0 ? 0 : Math.min(1, Math.max(-1, most))];
}
