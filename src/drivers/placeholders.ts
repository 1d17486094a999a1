/** {placeholders} in a profile: `{name}` is the value as it is, `{name:json}` the value as a quoted string of JSON (or TOML). */

const PLACEHOLDER = /\{([a-zA-Z]+)(:json)?\}/g

export function placeholders(text: string): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)].map(match => match[1]!)
}

/** What has no value stays as it is written. */
export function fill(text: string, values: Readonly<Record<string, string | undefined>>): string {
  return text.replace(PLACEHOLDER, (whole, key: string, json?: string) => {
    const value = values[key]
    if (value === undefined) return whole
    return json ? JSON.stringify(value) : value
  })
}
