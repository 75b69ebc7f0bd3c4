import { currentLanguage } from './language.ts'

const locale = () => (currentLanguage() === 'ru' ? 'ru-RU' : 'en-US')
const thinSpace = '\u2009'
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** `12 ms`, `4.2 s`, `1:18`, `2:05:00`, `2 d`. */
export function duration(ms: number): string {
  const isRussian = currentLanguage() === 'ru'
  if (ms < 1000) return `${Math.round(ms)} ${isRussian ? 'мс' : 'ms'}`
  if (ms < minute) return `${(ms / 1000).toFixed(1)} ${isRussian ? 'с' : 's'}`
  if (ms >= 2 * day) return `${Math.floor(ms / day)} ${isRussian ? 'дн' : 'd'}`
  return clockOf(ms)
}

/** `0:42`, `1:18`, `2:05:00`: a time that goes on. */
export function elapsed(ms: number): string {
  return ms >= 2 * day ? duration(ms) : clockOf(Math.max(0, ms))
}

function clockOf(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** `940`, `31.9k`, `1.2M`. */
export function compact(count: number): string {
  if (count < 1000) return String(count)
  if (count < 1_000_000) return `${(count / 1000).toFixed(count < 100_000 ? 1 : 0)}k`
  return `${(count / 1_000_000).toFixed(1)}M`
}

export function count(value: number): string {
  return value.toLocaleString(locale())
}

/** `$0.112` below a dollar, `$61.40` above. */
export function money(dollars: number): string {
  if (dollars === 0) return '$0'
  return dollars < 1 ? `$${dollars.toFixed(dollars < 0.01 ? 4 : 3)}` : `$${dollars.toFixed(2)}`
}

export function percent(share: number): string {
  return `${Math.round(share * 100)}${thinSpace}%`
}

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(1)} kB`
  if (size < 1024 ** 3) return `${(size / 1024 ** 2).toFixed(1)} MB`
  return `${(size / 1024 ** 3).toFixed(1)} GB`
}

/** `14:02:11` of the person's clock. */
export function clock(at: string | number): string {
  return new Date(at).toLocaleTimeString('ru-RU')
}

/** For a title: the date, the time and the zone. */
export function fullTime(at: string | number): string {
  return new Date(at).toLocaleString(locale(), { dateStyle: 'full', timeStyle: 'long' })
}

/** Today the time, in this week the weekday, else the date. */
export function shortTime(at: string | number, now = Date.now()): string {
  const then = new Date(at)
  const age = daysBefore(then, now)
  if (age === 0) return then.toLocaleTimeString('ru-RU', { hour: '2-digit', minute: '2-digit' })
  if (age < 7) return then.toLocaleDateString(locale(), { weekday: 'short' })
  return then.toLocaleDateString(locale(), { day: 'numeric', month: 'short' })
}

/** Whole days of the calendar between then and now. */
export function daysBefore(then: Date, now: number): number {
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  return then.getTime() >= midnight ? 0 : Math.ceil((midnight - then.getTime()) / day)
}
