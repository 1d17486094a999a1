/** Reads the words of everyday commands. What is not plain is left to commander, which would cost `send` a fifth of its time. */
import type { Words } from './edge.ts'
import type { Option, Verb } from './verb.ts'

const COMMON: readonly Option[] = [
  { form: '--workspace <dir>', about: '' },
  { form: '--json', about: '' },
]

/** For a verb whose one argument is `<words...>`. Undefined for anything that is not plainly right: help, mistakes, unusual spellings. */
export function plainWords(verb: Verb, argv: readonly string[]): Words | undefined {
  const words: string[] = []
  const options: Record<string, unknown> = {}
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index]!
    if (word === '-' || !word.startsWith('-')) {
      words.push(word)
      continue
    }
    const option = [...COMMON, ...verb.options].find(({ form }) => form.split(' ')[0] === word)
    if (!option) return undefined
    const takesValue = option.form.includes('<')
    const value = takesValue ? argv[++index] : true
    if (!isPlain(option, value)) return undefined
    options[camelCase(word)] = value
  }
  return words.length > 0 ? { args: [words], options } : undefined
}

function isPlain({ choices }: Option, value: string | true | undefined): boolean {
  if (value === undefined || (value !== true && value.startsWith('-'))) return false
  return value === true || choices === undefined || choices.includes(value)
}

function camelCase(option: string): string {
  return option.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
