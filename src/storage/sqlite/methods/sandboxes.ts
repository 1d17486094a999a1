/** The port's methods about sandboxes, each one transaction. */
import { AgencyError } from '../../../kernel/errors.ts'
import type { SandboxStore } from '../../sandboxStore.ts'
import type { Connection } from '../connection.ts'
import type { Sync } from '../protocol.ts'
import { findSandbox, insertSandbox, listSandboxes, updateSandbox } from '../sandboxes.ts'
import { appendUnit } from '../units.ts'

export function sandboxMethods(connection: Connection): Sync<SandboxStore> {
  return {
    addSandbox(sandbox, unit) {
      connection.change(() => {
        if (!insertSandbox(connection, sandbox))
          throw new AgencyError('CONFLICT', `there is a sandbox ${sandbox.slug} already`, {
            hint: `agency sandbox destroy ${sandbox.slug}`,
          })
        appendUnit(connection, unit)
      })
    },

    changeSandbox(sandbox, from, unit) {
      return connection.change(() => {
        const isChanged = updateSandbox(connection, sandbox, from)
        if (isChanged && unit) appendUnit(connection, unit)
        return isChanged
      })
    },

    sandboxes(options) {
      return listSandboxes(connection, options)
    },

    findSandbox(named) {
      return findSandbox(connection, named)
    },
  }
}
