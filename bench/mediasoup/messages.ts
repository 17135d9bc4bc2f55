/** From the sending of a packet to its arrival through the SFU, microseconds. */
export interface Latencies {
  readonly packets: number;
  readonly sent: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export type ToStream =
  | { readonly command: 'send'; readonly port: number; readonly payloadType: number; readonly ssrc: number }
  | { readonly command: 'begin' | 'end' | 'quit' };

export type FromStream =
  | { readonly event: 'listening'; readonly port: number }
  | { readonly event: 'latencies'; readonly latencies: Latencies };
