import { type Path, pathText } from './option-tree.ts';
import type { Problem } from './problem.ts';
import type { Source } from './sources.ts';

/** Collects what is wrong while the configuration is read, and remembers which paths are invalid: nothing more is said of them. */
export class Report {
  readonly problems: Problem[] = [];
  readonly notices: Problem[] = [];
  readonly #invalid = new Set<string>();
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  problem(path: Path, what: string, remedy: string, at: 'key' | 'value' = 'value'): void {
    if (this.isInvalid(path)) return;
    this.problems.push({ ...this.#source.locate(path, at), what, remedy });
  }

  /** A problem that excludes this path and everything under it from further checks. */
  invalidate(path: Path, what: string, remedy: string, at: 'key' | 'value' = 'value'): void {
    this.problem(path, what, remedy, at);
    this.markInvalid(path);
  }

  markInvalid(path: Path): void {
    this.#invalid.add(pathText(path));
  }

  notice(path: Path, what: string, remedy: string): void {
    this.notices.push({ ...this.#source.locate(path), what, remedy });
  }

  /** @param template - what is said, with `{}` for the environment */
  noticeAbout(environment: string, path: Path, template: string, remedy: string): void {
    const what = template.replace('{}', () => environment);
    this.notices.push({ ...this.#source.locate(path), what, remedy, about: { environment, template } });
  }

  isInvalid(path: Path): boolean {
    return path.some((_, index) => this.#invalid.has(pathText(path.slice(0, index + 1))));
  }
}
