/** What became of a report. */
export interface Reaction {
  /** The session that is another one than before now. */
  readonly changed?: string;
  /** The session that has ended. */
  readonly ended?: string;
  /** Whether the server should be asked early. */
  readonly look: boolean;
  /** Whether it began to buffer, or failed. */
  readonly buffering?: boolean;
  readonly error?: boolean;
}
