import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { inOrder, pathInCheckout } from './long-tests.ts';

/**
 * A file that waits and a file that computes, in turn, then all others: the workers of CI then share its two cores well,
 * and no long file begins when all others have ended. Files that share a process come last, as they are the shortest.
 */
export class TestOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = await super.sort(files);
    const sharedLast = others.toSorted((a, b) => Number(isShared(a)) - Number(isShared(b)));
    return inOrder(sharedLast, ({ moduleId }) => pathInCheckout(moduleId));
  }
}

function isShared({ project }: TestSpecification): boolean {
  return !project.config.isolate;
}
