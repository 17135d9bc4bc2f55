/** The series of the benchmark: what an exporter of media streams has, with one label of its own for each series. */
export interface Workload {
  readonly families: readonly string[];
  readonly labelNames: readonly string[];
  /** Label values, series by series. */
  readonly labels: readonly (readonly string[])[];
}

const LABELS: readonly string[] = [
  'id',
  'kind',
  'codec',
  'room_id',
  'peer_id',
  'transport_id',
  'proto',
  'pid',
  'display_name',
  'user_agent',
  'local_addr',
  'remote_addr',
  'type',
];

const FAMILIES = 4;

export function makeWorkload(series: number, labelCount: number): Workload {
  const labelNames = LABELS.slice(0, labelCount);
  const labels: string[][] = Array.from({ length: series }, (_, i) => {
    const audio = i % 2 === 0;
    const all = [
      `c${i.toString(16).padStart(10, '0')}`,
      audio ? 'audio' : 'video',
      audio ? 'opus' : 'VP8',
      `room-${i % 97}`,
      `peer-${i % 9973}`,
      `t${(i >> 2).toString(16).padStart(8, '0')}`,
      i % 50 === 0 ? 'tcp' : 'udp',
      String(4000 + (i % 8)),
      `Guest ${i % 9973}`,
      `Mozilla/5.0 (X11; Linux x86_64; rv:${100 + (i % 30)}.0)`,
      `192.0.2.1:${40000 + (i % 10000)}`,
      `198.51.100.${i % 250}:${50000 + (i % 10000)}`,
      'outbound-rtp',
    ];
    return all.slice(0, labelCount);
  });
  // As they come from a parsed answer: a string that was put together is slower to read, for us and for the peers.
  const parsed = labels.map((values) => JSON.parse(JSON.stringify(values)) as string[]);
  return {
    families: Array.from({ length: FAMILIES }, (_, i) => `bench_stream_${i}_bytes_total`),
    labelNames,
    labels: parsed,
  };
}

/** The value of a series at a scrape: whole numbers as counters have, and every third with decimals. Each changes each time. */
export function valueAt(series: number, scrape: number): number {
  const whole = 1_000_000 + series * 37 + scrape * 1201;
  return series % 3 === 0 ? (whole * 1000 + ((series + scrape) % 999) + 1) / 1000 : whole;
}
