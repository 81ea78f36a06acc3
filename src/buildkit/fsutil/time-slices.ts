/** As long as synchronous work may keep the event loop: the daemon asks every second whether we are alive. */
const SLICE = 20;

/** Called between pieces of synchronous work: a promise to be awaited when the slice of time is used up. */
export function timeSlices(): () => Promise<void> | undefined {
  let since = performance.now();
  let turn: Promise<void> | undefined;
  return () => {
    if (turn) return turn;
    if (performance.now() - since < SLICE) return undefined;
    turn = new Promise((resolve) => {
      setImmediate(() => {
        since = performance.now();
        turn = undefined;
        resolve();
      });
    });
    return turn;
  };
}
