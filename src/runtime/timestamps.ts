/** Go's zero time travels as the year 1: it means that there is no time. */
export function dateOrNone(date: Date | undefined): Date | undefined {
  return date && date.getTime() > 0 ? date : undefined;
}
