/** Colors that a terminal program sets, and whether text can be read in them. Pure. */

/** A place in the palette of 256, or red, green and blue. Undefined: what the terminal has by itself. */
export type TerminalColor = number | readonly [red: number, green: number, blue: number] | undefined

/** What a color of SGR 38 or 48 says, and how many numbers it takes. */
export function readColor(codes: readonly number[]): { readonly color: TerminalColor; readonly taken: number } {
  const [kind, ...rest] = codes
  if (kind === 5) return { color: isByte(rest[0]) ? rest[0] : undefined, taken: 2 }
  const [red, green, blue] = rest
  const isWhole = kind === 2 && isByte(red) && isByte(green) && isByte(blue)
  return { color: isWhole ? [red, green, blue] : undefined, taken: kind === 2 ? 4 : codes.length }
}

/** As SGR, of the text or of what is behind it. */
export function writeColor(color: TerminalColor, isBehind: boolean): string {
  if (color === undefined) return ''
  if (typeof color !== 'number') return `${isBehind ? 48 : 38};2;${color.join(';')}`
  if (color < 8) return String((isBehind ? 40 : 30) + color)
  return color < 16 ? String((isBehind ? 100 : 90) + color - 8) : `${isBehind ? 48 : 38};5;${color}`
}

/** Of 255. Below it two colors are one to the eye. */
const LEAST_CONTRAST = 40

/** Whether one can be told from the other. What the terminal has by itself may be anything from black to white. */
export function isReadable(text: TerminalColor, behind: TerminalColor): boolean {
  if (text === undefined && behind === undefined) return true
  if (text !== undefined && behind !== undefined) return distance(rgbOf(text), rgbOf(behind)) >= LEAST_CONTRAST
  const channels = rgbOf((text ?? behind)!)
  return Math.max(...channels) >= LEAST_CONTRAST && Math.min(...channels) <= 255 - LEAST_CONTRAST
}

type Rgb = readonly [red: number, green: number, blue: number]

const BASIC: readonly Rgb[] = [
  ...([
    [0, 0, 0],
    [205, 0, 0],
    [0, 205, 0],
    [205, 205, 0],
  ] as const),
  ...([
    [0, 0, 238],
    [205, 0, 205],
    [0, 205, 205],
    [215, 215, 215],
  ] as const),
  ...([
    [127, 127, 127],
    [255, 0, 0],
    [0, 255, 0],
    [255, 255, 0],
  ] as const),
  ...([
    [92, 92, 255],
    [255, 0, 255],
    [0, 255, 255],
    [255, 255, 255],
  ] as const),
]
const CUBE = [0, 95, 135, 175, 215, 255] as const

function rgbOf(color: NonNullable<TerminalColor>): Rgb {
  if (typeof color !== 'number') return color
  if (color < 16) return BASIC[color]!
  if (color >= 232) {
    const gray = 8 + 10 * (color - 232)
    return [gray, gray, gray]
  }
  const at = color - 16
  return [CUBE[Math.floor(at / 36)]!, CUBE[Math.floor(at / 6) % 6]!, CUBE[at % 6]!]
}

function distance(one: Rgb, other: Rgb): number {
  return Math.max(...one.map((value, index) => Math.abs(value - other[index]!)))
}

function isByte(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= 255
}
