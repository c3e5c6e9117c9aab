/**
 * What the page and its worker say to each other.
 *
 * @module
 */
import type { ComparedEpoch, Diagnosis, WeightView } from "@fanin/fanin/diagnose";
import type { PackedData } from "./packed_data.ts";
import type { Settings } from "./settings.ts";

/** Which of the two networks. */
export type Side = 0 | 1;

/** What the page asks for. */
export type Order = { readonly kind: "train"; readonly settings: Settings; readonly data: PackedData } | {
  readonly kind: "stop";
};

/** What became of the neurons that began as clones. */
export interface CloneFate {
  /** How many neurons of all hidden layers began as clones of another. */
  readonly neurons: number;
  /** Whether they are equal bit for bit at the end. */
  readonly stillEqual: boolean;
  /** Steps trained. */
  readonly steps: number;
}

/** What the worker tells. */
export type News =
  /** The GPU is there. */
  | {
    readonly kind: "opened";
    readonly adapter: string;
    readonly trainRows: number;
    readonly testRows: number;
    readonly widths: readonly number[];
    /** The optimiser in words. */
    readonly optimizer: string;
  }
  /** A network has its first weights, and was judged. */
  | { readonly kind: "drawn"; readonly side: Side; readonly diagnosis: Diagnosis }
  /** An epoch has ended; number 0 is before training. */
  | {
    readonly kind: "epoch";
    readonly side: Side;
    readonly epoch: ComparedEpoch;
    readonly stepLosses: readonly (number | null)[];
    readonly weights: readonly WeightView[];
  }
  /** A network is done. */
  | { readonly kind: "ended"; readonly side: Side; readonly clones: CloneFate | null }
  /** Something went wrong: with one network, or with all. */
  | { readonly kind: "failed"; readonly side?: Side; readonly name: string; readonly message: string }
  /** Nothing more will come. */
  | { readonly kind: "done"; readonly stopped: boolean };
