/** A body that cannot be used; `problem` ends the sentence `… was answered with 200 and `. Never quotes the body. */
export class BodyError extends Error {
  readonly problem: string;

  constructor(problem: string) {
    super(problem);
    this.name = 'BodyError';
    this.problem = problem;
  }
}

export function tooLong(mostBytes: number): BodyError {
  return new BodyError(`more than the ${mostBytes} bytes that are allowed`);
}
