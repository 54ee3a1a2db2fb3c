import { newFacts, take, takingOf } from '../facts.ts'
import { readPlainAttribute } from './attributes.ts'
import { eachScope, readEmitted } from './envelope-protobuf.ts'
import { fixedText, messageEnd, numberOfLong, type Reader, readMessage } from './message.ts'
import { type MetricPoint, pointOf, type RawPoint, TEMPORALITIES } from './points.ts'
import type { Emitter } from './records.ts'

/** An `ExportMetricsServiceRequest`: the points of sums and histograms under the names that are asked for. */
export function metricsOfProtobuf(bytes: Buffer, wanted: (metric: string) => boolean): MetricPoint[] {
  return readEmitted(bytes, (reader, end, out: MetricPoint[]) =>
    eachScope(reader, end, (emitter, item) => readMetric(reader, item, emitter, wanted, out)),
  )
}

const NAME = 10
/** Sum, histogram and exponential histogram: their points lie in field 1 and their temporality in field 2. Gauges count nothing. */
const COUNTING = new Set([58, 74, 82])

function readMetric(reader: Reader, end: number, emitter: Emitter, wanted: (metric: string) => boolean, out: MetricPoint[]): void {
  const start = reader.pos
  let name = ''
  readMessage(reader, end, (tag) => {
    if (tag !== NAME) return false
    name = reader.string()
    return true
  })
  if (!wanted(name)) return
  reader.pos = start
  readMessage(reader, end, (tag) => {
    if (!COUNTING.has(tag)) return false
    readData(reader, messageEnd(reader, end), { emitter, metric: name, isSum: tag === 58 }, out)
    return true
  })
}

interface Data {
  readonly emitter: Emitter
  readonly metric: string
  readonly isSum: boolean
}

function readData(reader: Reader, end: number, { emitter, metric, isSum }: Data, out: MetricPoint[]): void {
  const points: RawPoint[] = []
  let temporality = 0
  readMessage(reader, end, (tag) => {
    if (tag === 10) points.push(readPoint(reader, messageEnd(reader, end), isSum))
    else if (tag === 16) temporality = reader.uint32()
    else return false
    return true
  })
  for (const point of points) out.push(pointOf(emitter, metric, TEMPORALITIES[temporality] ?? 'unspecified', point))
}

/** `NumberDataPoint` keeps its attributes in field 7 and its value in 4 or 6, histograms theirs in 9 (or 1) and their sum in 5. */
function readPoint(reader: Reader, end: number, isSum: boolean): RawPoint {
  const point: RawPoint = { attributes: [], facts: newFacts(), start: '0', time: '0', value: Number.NaN }
  const attributeTags = isSum ? [58] : [74, 10]
  readMessage(reader, end, (tag) => {
    if (attributeTags.includes(tag)) {
      const { key, value } = readPlainAttribute(reader, end)
      const taking = takingOf(key)
      if (value !== undefined) point.attributes.push([key, String(value)])
      if (taking !== undefined && value !== undefined) take(point.facts, taking, value)
    } else if (tag === 17) point.start = fixedText(reader)
    else if (tag === 25) point.time = fixedText(reader)
    else if (isSum && tag === 33) point.value = reader.double()
    else if (isSum && tag === 49) point.value = numberOfLong(reader.sfixed64())
    else if (!isSum && tag === 41) point.value = reader.double()
    else return false
    return true
  })
  return point
}
