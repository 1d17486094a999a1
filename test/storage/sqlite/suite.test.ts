import { join } from 'node:path'
import { SqliteEngine } from '../../../src/storage/sqlite/engine.ts'
import { measureSuite } from '../measures.suite.ts'
import { storeSuite } from '../store.suite.ts'
import { inThisThread, openThroughWorker, temporaryFolder } from './setup.ts'

storeSuite('SQLite in this thread', async () => inThisThread(new SqliteEngine(join(temporaryFolder(), 'agency.db'))))
storeSuite('SQLite behind its worker', () => openThroughWorker(join(temporaryFolder(), 'agency.db')))

measureSuite('SQLite in this thread', async () => inThisThread(new SqliteEngine(join(temporaryFolder(), 'agency.db'))))
measureSuite('SQLite behind its worker', () => openThroughWorker(join(temporaryFolder(), 'agency.db')))
