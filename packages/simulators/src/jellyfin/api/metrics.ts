import type { ServerState } from '../state.ts';

/** The server's own metrics, as prometheus-net writes them: it has no process_resident_memory_bytes. */
export function ownMetrics({ settings, process, date, dialect }: ServerState): string {
  const up = Math.max(0, (date() - process.startedAt) / 1000);
  const lines: string[] = [];
  const one = (name: string, type: string, help: string, value: number): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`);
  };
  lines.push('# TYPE dotnet_build_info gauge');
  lines.push(
    `dotnet_build_info{target_framework=".NETCoreApp",runtime_version="${dialect.runtime}",gc_mode="Server"} 1`,
  );
  one('process_cpu_count', 'gauge', 'The number of processor cores available to this process.', 4);
  one(
    'dotnet_sockets_bytes_received_total',
    'counter',
    'The total number of bytes received over the network',
    Math.round(up * 900),
  );
  one(
    'dotnet_sockets_bytes_sent_total',
    'counter',
    'The total number of bytes sent over the network',
    process.bytesSent,
  );
  one(
    'process_start_time_seconds',
    'gauge',
    'Start time of the process since unix epoch in seconds.',
    process.startedAt / 1000,
  );
  one('process_cpu_seconds_total', 'counter', 'Total user and system CPU time spent in seconds.', process.cpuSeconds);
  one('process_virtual_memory_bytes', 'gauge', 'Virtual memory size in bytes.', 54_507_069_440);
  one('process_working_set_bytes', 'gauge', 'Process working set', settings.residentBytes);
  one(
    'process_private_memory_bytes',
    'gauge',
    'Process private memory size',
    Math.round(settings.residentBytes * 0.98),
  );
  one('process_open_handles', 'gauge', 'Number of open handles', 507);
  one('process_num_threads', 'gauge', 'Total number of threads', 22);
  one('dotnet_total_memory_bytes', 'gauge', 'Total known allocated memory', 65_557_760);
  lines.push('# HELP http_requests_received_total Provides the count of HTTP requests that have been processed.');
  lines.push('# TYPE http_requests_received_total counter');
  for (const [key, count] of process.requests) {
    const [code, endpoint] = key.split(' ');
    lines.push(`http_requests_received_total{${route(code ?? '', endpoint ?? '')}} ${count}`);
  }
  histogram(lines, settings.extraSeries);
  return `${lines.join('\n')}\n`;
}

function route(code: string, endpoint: string): string {
  return `code="${code}",method="GET",controller="",action="",page="",endpoint="${endpoint}"`;
}

const BUCKETS = [
  '0.001',
  '0.002',
  '0.004',
  '0.008',
  '0.016',
  '0.032',
  '0.064',
  '0.128',
  '0.256',
  '0.512',
  '1.024',
  '+Inf',
];

/** Two thirds of what a real server shows: request durations by route, code and bucket. */
function histogram(lines: string[], series: number): void {
  const name = 'http_request_duration_seconds';
  lines.push(`# HELP ${name} The duration of HTTP requests processed by an ASP.NET Core application.`);
  lines.push(`# TYPE ${name} histogram`);
  for (let left = series, number = 0; left > 0; left -= BUCKETS.length, number += 1) {
    const labels = route(number % 5 === 0 ? '404' : '200', `Videos/{itemId}/hls1/{playlistId}/route-${number}`);
    lines.push(`${name}_sum{${labels}} ${number}.25`, `${name}_count{${labels}} 12`);
    for (const [index, le] of BUCKETS.entries()) lines.push(`${name}_bucket{${labels},le="${le}"} ${index + 1}`);
  }
}
