/** Writes a page for each file of content/ into dist/. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

function listOfPages() {
  return execFileSync(process.execPath, ['tools/index.js'], { encoding: 'utf8' })
}

rmSync('dist', { recursive: true, force: true })
mkdirSync('dist')
for (const file of readdirSync('content').sort()) {
  const [title, , ...text] = readFileSync(`content/${file}`, 'utf8').split('\n')
  const pages = listOfPages()
  const html = `<!doctype html>\n<title>${title}</title>\n${pages}<h1>${title}</h1>\n<p>${text.join('\n').trim()}</p>\n`
  writeFileSync(`dist/${file.replace('.txt', '.html')}`, html)
}
