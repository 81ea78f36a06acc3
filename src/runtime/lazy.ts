/** Says of every method of a service how it answers: with one promise, or with a stream. */
export type Shape<S> = {
  readonly [M in keyof S]: S[M] extends (...args: never[]) => Promise<unknown> ? 'call' : 'stream';
};

type Method = (...args: unknown[]) => unknown;
type Stream = AsyncIterableIterator<unknown>;

/**
 * The service, its code loaded at the first call: most commands use one or two of them. Calls go out in the order
 * in which they were made.
 */
export function lazyService<S extends object>(shape: Shape<S>, load: () => Promise<S>): S {
  let loading: Promise<S> | undefined;
  const service: Record<string, Method> = {};
  for (const [name, answer] of Object.entries(shape)) {
    const call = async (args: unknown[]) => {
      loading ??= load();
      return ((await loading)[name as keyof S] as Method)(...args);
    };
    service[name] = answer === 'call' ? (...args) => call(args) : (...args) => deferred(call(args) as Promise<Stream>);
  }
  return service as S;
}

function deferred(source: Promise<Stream>): Stream {
  // Reported by next().
  source.catch(() => {});
  return {
    next: async () => (await source).next(),
    async return() {
      await (await source).return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
