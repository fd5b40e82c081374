/** How long after the last key or pointer somebody still counts as being at the desk. Milliseconds. */
const patience = 10 * 60_000;

let last = performance.now();

const arrivals = new Set<() => void>();

for (const event of ['pointerdown', 'keydown', 'focus'] as const) {
  window.addEventListener(event, () => {
    const away = !present();
    last = performance.now();
    if (away) for (const act of arrivals) act();
  });
}

/** Whether somebody is at the desk. */
export function present(): boolean {
  return performance.now() - last < patience;
}

/** Does something when somebody comes back to the desk, until what is returned is called. */
export function onArrival(act: () => void): () => void {
  arrivals.add(act);
  return () => arrivals.delete(act);
}

/**
 * The interval while somebody is at the desk, otherwise none: a page that asks on its own for ever
 * would keep the session of an empty chair alive.
 */
export function whilePresent(interval: number): number | false {
  return present() ? interval : false;
}
