/** A body that cannot be used; `problem` ends the sentence `… was answered with 200 and `. Never quotes the body. */
export class BodyError extends Error {
  readonly problem: string;
  /** There is more in it than is accepted of one answer: half of it might do. */
  readonly tooMuch: boolean;

  constructor(problem: string, { tooMuch = false }: { readonly tooMuch?: boolean } = {}) {
    super(problem);
    this.name = 'BodyError';
    this.problem = problem;
    this.tooMuch = tooMuch;
  }
}

export function tooLong(mostBytes: number): BodyError {
  return new BodyError(`more than the ${mostBytes} bytes that are allowed`, { tooMuch: true });
}
