/** A body that cannot be used; `problem` ends the sentence `… was answered with 200 and `. Never quotes the body. */
export class BodyError extends Error {
  readonly problem: string;
  /** There is more in it than is accepted of one answer: half of it might do. */
  readonly tooMuch: boolean;
  /** It is a page for people, which no API answers with: something in between did. */
  readonly isPage: boolean;

  constructor(
    problem: string,
    { tooMuch = false, isPage = false }: { readonly tooMuch?: boolean; readonly isPage?: boolean } = {},
  ) {
    super(problem);
    this.name = 'BodyError';
    this.problem = problem;
    this.tooMuch = tooMuch;
    this.isPage = isPage;
  }
}

export function tooLong(mostBytes: number): BodyError {
  return new BodyError(`more than the ${mostBytes} bytes that are allowed`, { tooMuch: true });
}
