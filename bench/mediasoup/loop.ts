/**
 * Watches for how long the event loop is blocked, by a timer's own time stamps: `monitorEventLoopDelay` does not see the
 * first block after a reset.
 */
export interface LoopWatch {
  /** The longest block since the last call, milliseconds. */
  take(): number;
  stop(): void;
}

export function watchLoop(): LoopWatch {
  let last = performance.now();
  let longest = 0;
  const look = (): void => {
    const now = performance.now();
    // The timer itself is due after 1 ms.
    longest = Math.max(longest, now - last - 1);
    last = now;
  };
  const timer = setInterval(look, 1);
  return {
    take() {
      look();
      const block = longest;
      longest = 0;
      return Math.max(0, block);
    },
    stop: () => clearInterval(timer),
  };
}
