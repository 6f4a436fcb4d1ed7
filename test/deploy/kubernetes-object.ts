/** An object of Kubernetes as YAML gives it; what lies below its metadata is for each test to know. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has a shape of its own.
  readonly [part: string]: any;
}

/** All objects of a kind. */
export function ofKind(objects: readonly KubernetesObject[], kind: string): readonly KubernetesObject[] {
  return objects.filter((object) => object.kind === kind);
}

/** The only object of a kind. Throws when there is another number of them. */
export function onlyOf(objects: readonly KubernetesObject[], kind: string): KubernetesObject {
  const [first, ...more] = ofKind(objects, kind);
  if (first === undefined || more.length > 0) throw new Error(`there are ${more.length + (first ? 1 : 0)} ${kind}`);
  return first;
}
