/**
 * The options that say what `fanin init` makes.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";
import { calculateGain, type Nonlinearity } from "../init/gain.ts";
import type { Initializer } from "../init/initializer.ts";
import { type Manifest, MANIFEST_GENERATORS, type ManifestGenerator } from "../init/manifest.ts";
import { INITIALIZER_NAMES, initializerByName } from "../init/names.ts";
import { layersManifest, rangeManifest, shapeManifest } from "../init/recipes.ts";
import { type Options, type OptionSpecs, seedValue, wholeNumbers } from "./options.ts";

/** Names and values. Defaults are filled in later: with `--from` every one of them but the range is the file's to say. */
export const RECIPE_OPTIONS = {
  shape: { kind: "text", value: "N,N,…", help: "one tensor: [out, in], with threefry JAX's [in, out]" },
  layers: { kind: "text", value: "N,N,…", help: "a network of linear layers, from inputs to outputs" },
  init: {
    kind: "text",
    value: "NAME",
    help: `torch_linear unless given: ${INITIALIZER_NAMES.join(", ")}; options after a colon: normal:0.02`,
  },
  gain: { kind: "number", value: "X", help: "factor of xavier, orthogonal and identity; 1 unless given" },
  nonlinearity: {
    kind: "text",
    value: "NAME",
    help: "what follows the layer, for the gain of kaiming, xavier and orthogonal: relu, tanh, …",
  },
  generator: {
    kind: "text",
    value: "NAME",
    help: "philox unless given; threefry, threefry_original: JAX's numbers; mt19937: PyTorch's",
  },
  seed: { kind: "text", value: "N", help: "a whole number of up to 64 bits; 0 unless given" },
  name: { kind: "text", value: "NAME", help: "the tensor's name with --shape; weight unless given" },
  range: {
    kind: "text",
    value: "START:END",
    help: "only these elements of one tensor; shards in order make up the whole",
  },
} as const satisfies OptionSpecs;

/** What the options say. */
type Recipe = Options<typeof RECIPE_OPTIONS>;

/** What a file that is made again says itself. */
const SAID_BY_FILE = [
  "shape",
  "layers",
  "init",
  "gain",
  "nonlinearity",
  "generator",
  "seed",
  "name",
] as const;

/** Initialisers with a gain of their own, for the remedy. */
const WITH_GAIN = "xavier_uniform, xavier_normal, orthogonal, delta_orthogonal or identity";

/**
 * The manifest that the options describe.
 *
 * @param options As parsed.
 * @throws {ArgumentError} {@linkcode ShapeError} when they contradict one another, or say what cannot be made.
 */
export function chosenManifest(options: Recipe): Manifest {
  const { shape, layers, name } = options;
  if ((shape === undefined) === (layers === undefined)) {
    throw new ArgumentError(
      shape === undefined ? "nothing to make" : "--shape and --layers at once",
      "give one of --shape 512,784, --layers 784,512,10 and --from FILE",
    );
  }
  const initializer = chosenInitializer(options), generator = chosenGenerator(options);
  const seed = seedValue(options.seed ?? "0");
  if (shape !== undefined) {
    const sizes = wholeNumbers("--shape", shape);
    return inRange(shapeManifest(name ?? "weight", sizes, initializer, generator, seed), options);
  }
  const given = (["name", "range"] as const).find((option) => options[option] !== undefined);
  if (given !== undefined) {
    throw new ArgumentError(`--${given} with --layers`, "leave it out: it is for one tensor, --shape");
  }
  return layersManifest(wholeNumbers("--layers", layers!), initializer, generator, seed);
}

/**
 * The manifest of a file, cut to `--range` where that is given.
 *
 * @param manifest What the file says.
 * @param options As parsed.
 * @throws {ArgumentError} when another option says what the file says, or the range is none of its tensor.
 */
export function fromManifest(manifest: Manifest, options: Recipe): Manifest {
  const given = SAID_BY_FILE.find((option) => options[option] !== undefined);
  if (given !== undefined) {
    throw new ArgumentError(`--${given} with --from`, "leave it out: the file says it");
  }
  return inRange(manifest, options);
}

function inRange(manifest: Manifest, { range }: Recipe): Manifest {
  if (range === undefined) return manifest;
  const [, start, end] = /^(\d{1,16}):(\d{1,16})$/.exec(range) ?? [];
  if (end === undefined) {
    throw new ArgumentError(`--range ${range}`, "give START:END in whole numbers: --range 0:1000");
  }
  return rangeManifest(manifest, Number(start), Number(end));
}

function chosenGenerator({ generator = "philox" }: Recipe): ManifestGenerator {
  const known = MANIFEST_GENERATORS.find((name) => name === generator);
  if (known === undefined) {
    throw new ArgumentError(
      `unknown --generator ${generator}`,
      `use one of ${MANIFEST_GENERATORS.join(", ")}`,
    );
  }
  return known;
}

function chosenInitializer({ init = "torch_linear", gain, nonlinearity }: Recipe): Initializer {
  const initializer = initializerByName(init), { name, options } = initializer;
  if (gain !== undefined) {
    if (nonlinearity !== undefined) {
      throw new ArgumentError("--gain and --nonlinearity at once", "give one of them");
    }
    if (!("gain" in options)) {
      throw new ArgumentError(`--gain ${gain}, and ${name} takes none`, `leave it out, or use ${WITH_GAIN}`);
    }
    return withOption(init, `gain=${gain}`);
  }
  if (nonlinearity === undefined) return initializer;
  if ("nonlinearity" in options) return withOption(init, `nonlinearity=${nonlinearity}`);
  if ("gain" in options) return withOption(init, `gain=${calculateGain(nonlinearity as Nonlinearity)}`);
  throw new ArgumentError(
    `--nonlinearity ${nonlinearity}, and ${name} takes none`,
    `leave it out, or use kaiming_uniform, kaiming_normal, ${WITH_GAIN}`,
  );
}

/** The initialiser with one option more: what is there twice is refused as if it had been typed twice. */
function withOption(init: string, option: string): Initializer {
  return initializerByName(`${init}${init.includes(":") ? "," : ":"}${option}`);
}
