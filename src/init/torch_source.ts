/**
 * PyTorch's sequential stream as the source of what an initialiser describes: the same calls in the same order as `torch.nn.init`
 * makes.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";
import type { Distribution } from "../random/distribution.ts";
import { NORMAL_GROUP } from "../random/torch_normal.ts";
import type { TorchStream } from "../random/torch_stream.ts";
import type { Filling, Source } from "./initializer.ts";

/** One tensor's elements, or the next of them. */
type Values = Float32Array<ArrayBuffer>;

/**
 * The next elements of a stream: what PyTorch has in a tensor after `constant_`, `uniform_(low, high)`, `normal_(mean, std)`,
 * `trunc_normal_`, or one of `nn.init`'s computed ones (`orthogonal_` draws normals, `sparse_` normals and then a permutation for each
 * column, `eye_` and `dirac_` nothing). Constants draw nothing either.
 *
 * @param stream Moved on as PyTorch's generator is.
 * @param filling What the elements are.
 * @param count How many: all of the tensor.
 * @throws {ArgumentError} when the parameters are out of range, or an initialiser of PyTorch has no such elements.
 */
export function fillFromTorch(stream: TorchStream, filling: Filling, count: number): Values {
  switch (filling.kind) {
    case "computed":
      return filling.make(torchSource(stream));
    case "constant":
      return new Float32Array(count).fill(filling.value);
    case "uniform":
      return stream.uniform(count, filling.low, filling.high);
    case "bounded":
      return stream.uniform(count, -filling.bound, filling.bound);
    case "normal":
      return stream.normal(count, filling.mean, filling.std);
    case "truncated_normal":
      return stream.truncNormal(count, filling.mean, filling.std, filling.low, filling.high);
    default:
      throw new ArgumentError(
        `${filling.kind} from PyTorch's stream as float32`,
        "draw it from a key instead",
      );
  }
}

/**
 * The same elements in pieces, without ever holding all of them where they are drawn one by one. A truncated normal, of which PyTorch
 * draws the whole tensor again while an element lies outside, and a computed tensor are made whole and cut.
 *
 * @param stream Moved on as by {@linkcode fillFromTorch}, when all pieces have been taken.
 * @param filling What the elements are.
 * @param count How many in all.
 * @param step Elements of a piece, from 1 on; normals come in at least 16, and up to 15 more in the last piece.
 */
export function* torchPieces(
  stream: TorchStream,
  filling: Filling,
  count: number,
  step: number,
): Generator<Values> {
  if (filling.kind === "normal") {
    yield* normalPieces(stream, filling, count, step);
  } else if (["constant", "uniform", "bounded"].includes(filling.kind)) {
    for (let at = 0; at < count; at += step) {
      yield fillFromTorch(stream, filling, Math.min(step, count - at));
    }
  } else {
    const whole = fillFromTorch(stream, filling, count);
    for (let at = 0; at < count; at += step) yield whole.subarray(at, at + step);
  }
}

/** The stream as a computed tensor sees it: each call goes on where the one before it ended. */
function torchSource(stream: TorchStream): Source {
  return {
    numbers: (distribution, count) => fillFromTorch(stream, distribution, count),
    permutation: (n) => stream.randperm(n),
  };
}

/**
 * From 16 elements on PyTorch draws uniforms for all of them and turns them into normals by groups of 16; after a ragged end the last
 * 16 are drawn again. Pieces of whole groups take the same words.
 */
function* normalPieces(
  stream: TorchStream,
  { mean, std }: Distribution & { kind: "normal" },
  count: number,
  step: number,
): Generator<Values> {
  if (count < NORMAL_GROUP) return yield stream.normal(count, mean, std);
  const ragged = count % NORMAL_GROUP, whole = count - ragged;
  const groups = Math.max(NORMAL_GROUP, step - step % NORMAL_GROUP);
  for (let at = 0; at < whole; at += groups) {
    const values = stream.normal(Math.min(groups, whole - at), mean, std);
    if (ragged === 0 || at + values.length < whole) {
      yield values;
      continue;
    }
    stream.uniform(ragged); // drawn, and overwritten by those that follow
    const longer = new Float32Array(values.length + ragged);
    longer.set(values);
    longer.set(stream.normal(NORMAL_GROUP, mean, std), longer.length - NORMAL_GROUP);
    yield longer;
  }
}
