/** How long after the last key or pointer somebody still counts as being at the desk. Milliseconds. */
const patience = 10 * 60_000;

let last = performance.now();

for (const event of ['pointerdown', 'keydown', 'focus'] as const) {
  window.addEventListener(event, () => {
    last = performance.now();
  });
}

/**
 * The interval while somebody is at the desk, otherwise none: a page that asks on its own for ever
 * would keep the session of an empty chair alive.
 */
export function whilePresent(interval: number): number | false {
  return performance.now() - last < patience ? interval : false;
}
