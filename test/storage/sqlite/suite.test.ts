import { join } from 'node:path'
import { SqliteEngine } from '../../../src/storage/sqlite/engine.ts'
import { locksSuite } from '../locks.suite.ts'
import { measureSuite } from '../measures.suite.ts'
import { sandboxSuite } from '../sandboxes.suite.ts'
import { storeSuite } from '../store.suite.ts'
import { submissionsSuite } from '../submissions.suite.ts'
import { tasksSuite } from '../tasks.suite.ts'
import { inThisThread, openThroughWorker, temporaryFolder } from './setup.ts'

const ENGINES = {
  'SQLite in this thread': async () => inThisThread(new SqliteEngine(join(temporaryFolder(), 'agency.db'))),
  'SQLite behind its worker': () => openThroughWorker(join(temporaryFolder(), 'agency.db')),
}

for (const [name, open] of Object.entries(ENGINES)) {
  storeSuite(name, open)
  tasksSuite(name, open)
  measureSuite(name, open)
  locksSuite(name, open)
  sandboxSuite(name, open)
  submissionsSuite(name, open)
}
