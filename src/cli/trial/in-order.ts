/** Work on several things at once, with the results in the order of the things. */

/**
 * At most `atOnce` results are under way or wait to be taken. Whoever stops taking waits until what was begun has ended.
 * @param atOnce integer ≥ 1
 */
export async function* inOrder<T, R>(things: Iterable<T>, atOnce: number, work: (thing: T) => Promise<R>): AsyncGenerator<R, void, void> {
  const underway: Promise<R>[] = [];
  try {
    for (const thing of things) {
      if (underway.length === atOnce) yield await taken(underway);
      const begun = work(thing);
      // Its failure is met where it is taken, which may be later.
      begun.catch(() => {});
      underway.push(begun);
    }
    while (underway.length > 0) yield await taken(underway);
  } finally {
    await Promise.allSettled(underway);
  }
}

function taken<R>(underway: Promise<R>[]): Promise<R> {
  const [first] = underway.splice(0, 1);
  if (first === undefined) throw new Error('nothing is under way');
  return first;
}
