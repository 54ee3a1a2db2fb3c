import type { Millis } from '../../../kernel/index.ts'
import type { Family } from './family.ts'

/** The process itself, under the names that Prometheus' own clients use. */
export function processMetrics(startedAt: Millis): Family[] {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, heapTotal } = process.memoryUsage()
  return [
    {
      dotted: 'process.cpu.seconds',
      name: 'process_cpu_seconds_total',
      kind: 'counter',
      help: 'Processor time used.',
      unit: 'seconds',
      series: [{ labels: {}, value: (user + system) / 1e6 }],
    },
    gauge(
      'process.start.time.seconds',
      'process_start_time_seconds',
      'When the process started, in seconds since 1970.',
      'seconds',
      startedAt / 1_000,
    ),
    gauge('process.resident.memory.bytes', 'process_resident_memory_bytes', 'Resident memory.', 'bytes', rss),
    gauge('nodejs.heap.size.used.bytes', 'nodejs_heap_size_used_bytes', 'Heap in use.', 'bytes', heapUsed),
    gauge('nodejs.heap.size.total.bytes', 'nodejs_heap_size_total_bytes', 'Heap reserved.', 'bytes', heapTotal),
  ]
}

function gauge(dotted: string, name: string, help: string, unit: string, value: number): Family {
  return { dotted, name, kind: 'gauge', help, unit, series: [{ labels: {}, value }] }
}
