import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { before, test } from 'node:test'

before(() => execFileSync(process.execPath, ['build.js']))

test('every file of content/ has a page', () => {
  assert.deepEqual(
    readdirSync('dist').sort(),
    readdirSync('content')
      .map(file => file.replace('.txt', '.html'))
      .sort(),
  )
})

test('every page lists all pages', () => {
  for (const page of readdirSync('dist')) {
    const links = readFileSync(`dist/${page}`, 'utf8').match(/<li>/g)
    assert.equal(links?.length, readdirSync('content').length, page)
  }
})
