/**
 * What the codes of a job may take together. Where a number cannot be looked at for what others have taken, it is not known whether it follows: then the table is
 * too much, so that whoever pads a job gains nothing.
 */

/** Multiplications that a job may take to bring known numbers to echelon form, and then to ask about and add others. */
const PREPARED = 3_000_000_000;
const ASKED = 2_500_000_000;
/** Additions that a job may take to compute for all units what was found on samples, of known numbers and of those asked about. */
const ADDITIONS = 3_000_000_000;

export class Work {
  #preparations = PREPARED;
  #multiplications = ASKED;
  #additions = ADDITIONS;
  /** Whether some number may follow and it was not found, or by which factors. */
  isUnsolved = false;

  /** Multiplications that are left to bring known numbers to echelon form. */
  get toPrepare(): number {
    return this.#preparations;
  }

  get left(): number {
    return this.#multiplications;
  }

  /** Whether it is not known of some number whether it follows, or what. */
  get isOver(): boolean {
    return this.isUnsolved || this.#multiplications < 0 || this.#additions < 0;
  }

  prepares(multiplications: number): void {
    this.#preparations -= multiplications;
  }

  multiplies(multiplications: number): void {
    this.#multiplications -= multiplications;
  }

  /** False where it is too much. */
  adds(additions: number): boolean {
    this.#additions -= additions;
    return this.#additions >= 0;
  }
}
