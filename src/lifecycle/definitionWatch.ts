/** Hears which definitions were edited, and has their agencies brought to what they say. */
import { watch } from 'chokidar'
import { makeFolder } from '../agencies/modes.ts'
import { Pending } from '../kernel/pending.ts'
import type { LifecycleParts } from './parts.ts'
import { loadRoster, reconcileAgency } from './reconcile.ts'

export class DefinitionWatch {
  readonly #edited = new Pending()
  readonly #again = new Pending()

  constructor(private readonly parts: LifecycleParts) {}

  /** Reads every definition at the daemon's start. */
  load(): Promise<void> {
    return loadRoster(this.parts)
  }

  async prepare(): Promise<void> {
    await makeFolder(this.parts.workspace.agencies, this.parts.umask)
  }

  /** Calls `onNews` when a tick is worth it, until it is closed. */
  watch(onNews: () => void): { close(): Promise<void> } {
    const { agencies } = this.parts.workspace
    const relative = (path: string) => path.slice(agencies.length + 1)
    return watch(agencies, {
      ...{ ignoreInitial: true, depth: 1, ignored: path => isNoDefinition(relative(path)) },
    })
      .on('all', (_event, path) => {
        const [name, file] = relative(path).split('/')
        if (name && file === 'agency.json') this.#edited.add(name)
        onNews()
      })
      .on('error', error =>
        this.parts.log.error({ err: error }, 'a definition may be edited unseen: agency daemon restart reads all'),
      )
  }

  /** Something is looked at again. */
  get looksAgain(): boolean {
    return !this.#again.isEmpty || this.parts.roster.problems.size > 0
  }

  /**
   * A file may be read while it is being written, and the watcher swallows a second change that follows at once: so each is
   * looked at again a second later, and for as long as something is wrong with it.
   */
  async tick(): Promise<void> {
    const { roster, changes } = this.parts
    const news = this.#edited.take()
    for (const name of [...news, ...roster.problems.keys()]) this.#again.add(name)
    try {
      await this.#again.each(name => changes.run(name, () => reconcileAgency(this.parts, name)))
    } finally {
      for (const name of news) this.#again.add(name)
    }
  }
}

/** Hidden files, and the folders of an agency in which things change that no definition depends on. */
function isNoDefinition(path: string): boolean {
  return /(^|\/)\./.test(path) || /^[^/]+\/(logs|scripts|rehearsal)(\/|$)/.test(path)
}
