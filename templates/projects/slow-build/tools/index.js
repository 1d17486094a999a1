/** Prints the list of all pages as HTML. */
import { readdirSync, readFileSync } from 'node:fs'

const items = readdirSync('content')
  .sort()
  .map(file => {
    const [title] = readFileSync(`content/${file}`, 'utf8').split('\n')
    return `<li><a href="${file.replace('.txt', '.html')}">${title}</a></li>`
  })
process.stdout.write(`<ul>\n${items.join('\n')}\n</ul>\n`)
