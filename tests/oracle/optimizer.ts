/**
 * What an optimiser is to the oracles: a state that holds one parameter's values, and a step that returns the
 * next state.
 *
 * @module
 */

/** The least that an optimiser keeps for one parameter. */
export interface OptimizerState {
  /** The parameter's values, flat. */
  readonly weight: Float64Array;
}

/**
 * An optimiser with its options already chosen; one state for each parameter. Neither method changes its
 * arguments.
 */
export interface Optimizer<State extends OptimizerState> {
  /** The state before the first step. */
  start(weight: ArrayLike<number>): State;
  /** The state after one step along `gradient`, which is as long as the weight. */
  step(state: State, gradient: ArrayLike<number>): State;
}
