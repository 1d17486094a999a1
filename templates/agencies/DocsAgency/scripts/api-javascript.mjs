// Reads exports and the comments above them in src/, and writes one Markdown file for each module. Used by api-docs.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const [output, mode] = process.argv.slice(2)
const EXPORT = /^export (?:default )?(?:async )?(?:function\*?|class|const|let|interface|type) +([A-Za-z_$][\w$]*)/

function modules(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => a.name.localeCompare(b.name))
    .flatMap(entry => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : modules(path)
      return /\.(m?js|m?ts)$/.test(entry.name) && !/\.(test|spec|d)\./.test(entry.name) ? [path] : []
    })
}

function textOf(comment) {
  return comment
    .replace(/^\/\*\*|\*\/$/g, '')
    .split('\n')
    .map(line => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim()
}

/** Each export with its line, its signature as written, and the comment that ends right above it. */
function exportsOf(source) {
  const lines = source.split('\n')
  return lines.flatMap((line, index) => {
    const name = EXPORT.exec(line)?.[1]
    if (!name) return []
    const above = lines.slice(0, index).join('\n')
    const comment = /\/\*\*(?:[^*]|\*(?!\/))*\*\/\s*$/.exec(above)?.[0].trimEnd()
    const signature = line.replace(/^export (default )?/, '').replace(/\s*(\{|=>.*|= .*)$/, '')
    return [{ name, line: index + 1, signature, text: comment ? textOf(comment) : '' }]
  })
}

function page(path, source, found) {
  const opening = /^\/\*\*(?:[^*]|\*(?!\/))*\*\//.exec(source)?.[0]
  const isOwn = opening && !found.some(({ text }) => text === textOf(opening))
  const parts = found.map(
    ({ name, signature, text }) => `## ${name}\n\n\`\`\`js\n${signature}\n\`\`\`\n\n${text || 'Not documented.'}\n`,
  )
  return [`# ${path}\n`, ...(isOwn ? [`${textOf(opening)}\n`] : []), ...parts].join('\n')
}

function write(file, text) {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return
  if (mode === 'check') return console.log(`${file}: is not what the source says: run api-docs`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  console.log(`wrote ${file}`)
}

const root = existsSync('src') ? 'src' : existsSync('lib') ? 'lib' : undefined
if (root) {
  const index = []
  for (const path of modules(root)) {
    const source = readFileSync(path, 'utf8')
    const found = exportsOf(source)
    if (found.length === 0) continue
    for (const { name, line, text } of found)
      if (!text) console.log(`${path}:${line}: ${name} is exported without a comment`)
    const file = `${relative(root, path)
      .replace(/\.[^.]+$/, '')
      .replaceAll('/', '-')}.md`
    write(join(output, file), page(path, source, found))
    index.push(`- [${path}](${file}): ${found.map(({ name }) => `\`${name}\``).join(', ')}`)
  }
  if (index.length > 0) write(join(output, 'README.md'), `# API\n\n${index.join('\n')}\n`)
}
