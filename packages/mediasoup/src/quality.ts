import { Distribution, JITTER_BOUNDS, LOSS_BOUNDS, ROUND_TRIP_BOUNDS, SCORE_BOUNDS } from './distribution.ts';
import type { RtpStat } from './rtp.ts';
import type { Direction, MediaKind, Quality } from './state.ts';

/** How good streams of one direction and kind were, poll after poll. */
export class QualityRow {
  readonly #direction: Direction;
  readonly #kind: MediaKind;
  readonly #score = new Distribution(SCORE_BOUNDS);
  readonly #roundTrip = new Distribution(ROUND_TRIP_BOUNDS);
  readonly #jitter = new Distribution(JITTER_BOUNDS);
  readonly #loss = new Distribution(LOSS_BOUNDS);

  constructor(direction: Direction, kind: MediaKind) {
    this.#direction = direction;
    this.#kind = kind;
  }

  /** @param clockRate Hz, of the RTP clock that the jitter is counted in. */
  observe(stat: RtpStat, clockRate: number | undefined): void {
    if (stat.score !== undefined) this.#score.observe(stat.score);
    if (stat.roundTrip !== undefined) this.#roundTrip.observe(stat.roundTrip / 1000);
    if (stat.jitter !== undefined && clockRate !== undefined) this.#jitter.observe(stat.jitter / clockRate);
    if (stat.lossRatio !== undefined) this.#loss.observe(stat.lossRatio);
  }

  state(): Quality {
    return {
      direction: this.#direction,
      kind: this.#kind,
      score: this.#score.state(),
      roundTrip: this.#roundTrip.state(),
      jitter: this.#jitter.state(),
      loss: this.#loss.state(),
    };
  }
}

/** All four rows exist from the start: no observations yet is a known 0. */
export class QualityTable {
  readonly #rows: readonly QualityRow[] = (['receive', 'send'] as const).flatMap((direction) =>
    (['audio', 'video'] as const).map((kind) => new QualityRow(direction, kind)),
  );

  row(direction: Direction, kind: MediaKind): QualityRow {
    return this.#rows[(direction === 'receive' ? 0 : 2) + (kind === 'audio' ? 0 : 1)] as QualityRow;
  }

  state(): Quality[] {
    return this.#rows.map((row) => row.state());
  }
}
