/** The engines a store can have, by the name in the settings. */
import { openSqliteStore, type SqliteStoreOptions } from './sqlite/client.ts'
import type { Store } from './store.ts'

export type StoreOptions = { readonly engine: 'sqlite' } & SqliteStoreOptions

export function openStore({ engine, ...options }: StoreOptions): Promise<Store> {
  switch (engine) {
    case 'sqlite':
      return openSqliteStore(options)
  }
}
