export const HOURS_OF_WEEK = 168

/** Hours that are alike: the working days, and the weekend. Hours of the week count from Monday 00:00. */
export function isWeekend(hourOfWeek: number): boolean {
  return hourOfWeek >= 5 * 24
}

/** Monday to Sunday as one list of the same hour: those of the same kind of day first would say nothing, so all seven. */
export function sameHours(hourOfDay: number): readonly number[] {
  return SAME_HOURS[hourOfDay] ?? []
}

const SAME_HOURS: readonly (readonly number[])[] = Array.from({ length: 24 }, (_, hour) =>
  Array.from({ length: 7 }, (_, day) => day * 24 + hour),
)
