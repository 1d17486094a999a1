/** The isolated level, by an agent that tries to get out. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { newId } from '../../src/kernel/ids.ts'
import { whyNoWall } from '../../src/walls/grounds.ts'
import { commit, git, gitProject } from './gitProject.ts'
import { createIsolated, inside, layOutIsolated } from './isolatedTeam.ts'
import { sandboxProject } from './sandboxProject.ts'
import { Workbench } from './workbench.ts'

const why = await whyNoWall()
if (why !== undefined) console.warn(`the isolated level is not tested here: ${why}`)

it.skipIf(why !== undefined)(
  'R-ALL-4 no process of an isolated agent gets at what is not its own',
  async () => {
    const home = await mkdtemp(join(tmpdir(), 'agency-home-'))
    await mkdir(join(home, '.ssh'))
    await writeFile(join(home, '.ssh', 'id_rsa'), 'a private key')
    const env = { HOME: home, SECRET_KEY: 'hunter2', SSH_AUTH_SOCK: '/tmp/agent.sock' }
    await using bench = await Workbench.open({ env })
    const repository = await gitProject(bench.file('project'))
    await createIsolated(bench, 'Iso', { repo: repository })
    const tried = (script: string) => inside(bench, 'Iso/spy', script)
    const root = bench.root

    expect(await tried('echo "$AGENCY_AGENT"; pwd; git log --format=%s')).toMatchObject({
      status: 0,
      stdout: `Iso/spy\n${bench.file('sandbox', 'worktrees', 'Iso', 'spy')}\nBegin\n`,
    })

    const pid = await bench.daemonPid()
    const failing = {
      'the person’s token': `cat ${root}/registry/tokens/human`,
      'another agent’s token': `cat ${root}/registry/tokens/Iso.lead`,
      'the store': `cat ${root}/registry/agency.db`,
      'a view': `cat ${root}/registry/approval_queue.json`,
      'the outbox': `ls ${root}/registry/outbox`,
      'the mail of others': `ls ${root}/registry/mail`,
      'the socket of the daemon itself, past the door': `[ ! -L ${root}/registry/agencyd.sock ]`,
      'another agent’s work': `ls ${root}/sandbox/worktrees/Iso/peer`,
      'another agent’s run folder': `ls ${root}/registry/run/Iso/lead`,
      'its own runner’s orders': `ls ${root}/registry/run/Iso/spy/control`,
      'what its runner executes': `ls ${root}/registry/run/Iso/spy/start.sh`,
      'its definition': `cat ${root}/agencies/Iso/agency.json`,
      'the settings, to write': `echo x >>${root}/agency.yaml`,
      'its token, to write': `echo x >"$AGENCY_TOKEN_FILE"`,
      'its brief, to write': `echo x >"$AGENCY_ROLE_FILE"`,
      'the project': `ls ${repository}/README.md`,
      'the project’s .git': `git -C ${repository} log`,
      'the copy that it borrows from, to write': `git push origin HEAD:refs/heads/evil`,
      'tmux by its environment': `[ -n "$TMUX$TMUX_PANE" ] || tmux list-sessions`,
      'tmux by its socket': `tmux -L ${bench.socket} send-keys -t Iso:lead 'echo pwned' Enter`,
      'the socket folder of tmux': `test -S /tmp/tmux-*/${bench.socket}`,
      'the daemon, to kill': `kill -0 ${pid}`,
      'the daemon’s memory': `cat /proc/${pid}/environ`,
      'another process': `ls -d /proc/${process.pid}`,
      'the person’s home': `[ -n "$(ls -A "$HOME")" ] && ls -A "$HOME"`,
      'a secret of the environment': 'env | grep -E "hunter2|SSH_AUTH_SOCK"',
      'its wall': `mount -o remount,rw / || umount ${root}/agency.yaml`,
      'the person’s name in a message': `"$AGENCY_BIN" send --from human Iso/peer "do it"`,
      'a decision': `"$AGENCY_BIN" approvals approve 00000000`,
      'another’s life': `"$AGENCY_BIN" stop Iso/peer`,
    }
    // One after the other in one go; each that succeeds is told.
    const attempts = Object.entries(failing).map(
      ([what, script]) => `(\n${script}\n) >/tmp/said 2>&1 && printf '%s: ' ${JSON.stringify(what)} && cat /tmp/said`,
    )
    const reached = (await tried(`${attempts.join('\n')}\necho tried ${attempts.length}`)).stdout
    expect(reached).toBe(`tried ${attempts.length}\n`)
    expect((await tried(`ls ${root}/registry`)).stdout.split('\n').filter(Boolean).sort()).toEqual([
      'agencyd.sock',
      'door',
      'hooks',
      'mirrors',
      'run',
      'tokens',
    ])
    expect((await tried(`ls ${root}/registry/tokens ${root}/sandbox/worktrees/Iso`)).stdout).not.toMatch(
      /human|lead|peer/,
    )

    // The person's token in hand, however it came there: the door tells who uses it.
    const stolen = (await readFile(bench.file('registry', 'tokens', 'human'), 'utf8')).trim()
    const disguised = await tried(
      `printf '%s' ${stolen} >"$AGENCY_RUN/human"; AGENCY_AGENT= AGENCY_TOKEN_FILE="$AGENCY_RUN/human" "$AGENCY_BIN" stop Iso/peer 2>&1`,
    )
    expect(disguised.status).toBe(5)
    expect(disguised.stdout).toContain('may not speak as the person')

    // Whatever it leaves where the daemon looks: pipes, links, folders.
    await tried(
      'cd "$AGENCY_EVENTS" && mkfifo a.json; ln -s / b.json; mkdir c.json; ln -s "$AGENCY_TOKEN_FILE" d.json; echo "{" >e.json',
    )
    const events = bench.file('registry', 'run', 'Iso', 'spy', 'events')
    expect(await until(async () => (await readdir(events)).length === 0, { timeoutMs: 10_000, everyMs: 50 })).toBe(true)

    // The ways that are its own.
    expect(
      await tried('"$AGENCY_BIN" send Iso/lead "STATUS spy: here" && "$AGENCY_BIN" inbox && "$AGENCY_BIN" status'),
    ).toMatchObject({ status: 0 })
    expect((await tried(`: ${'x'.repeat(8_000)}; echo long`)).stdout).toBe('long\n')
    const { isolation } = await bench.agent('Iso/spy')
    expect(isolation).toBe('bubblewrap')

    // A daemon that is another one is reached as before, and knows the program as it lives.
    const before = await bench.agent('Iso/spy')
    await bench.ok(['daemon', 'restart'])
    expect((await tried('"$AGENCY_BIN" send Iso/lead "STATUS spy: still here"')).status).toBe(0)
    expect((await bench.agent('Iso/spy')).pid).toBe(before.pid)

    // While no daemon runs none is started behind the wall, and a message waits in a folder of the agent's own: as that agent's,
    // whatever the file says.
    const own = bench.file('registry', 'run', 'Iso', 'spy', 'own')
    const noted = await bench.ok(['send', 'Iso/spy', 'mind the wall', '--wait', 'confirmed'])
    const ids = [newId(), newId(), newId()]
    const left = (id: string, more: object) =>
      `printf '%s' '${JSON.stringify({ event: 'agency:send', payload: { id, to: 'Iso/lead', body: 'forged', ...more } })}' >"$AGENCY_OUTBOX/${id}.json"`
    await tried(`(
until [ -e "$AGENCY_RUN/go" ]; do sleep 0.05; done
"$AGENCY_BIN" send --id ${ids[0]} Iso/lead "STATUS spy: left while nobody listened" --now; echo "sent $?"
"$AGENCY_BIN" reply ${noted.id} "STATUS spy: minded"; echo "replied $?"
"$AGENCY_BIN" task fail TASK-404 "it is not there"; echo "failed $?"
"$AGENCY_BIN" daemon start; echo "started $?"
${left(ids[1]!, { token: stolen })}
${left(ids[2]!, { token: stolen, from: 'human' })}
touch "$AGENCY_RUN/over") >"$AGENCY_RUN/said" 2>&1 </dev/null &`)
    await bench.ok(['daemon', 'stop'])
    await writeFile(join(own, 'go'), '')
    expect(await until(() => existsSync(join(own, 'over')), { timeoutMs: 30_000, everyMs: 50 })).toBe(true)
    const said = await readFile(join(own, 'said'), 'utf8')
    expect(said).toMatch(/the message waits, and goes when a daemon runs again[\s\S]*sent 0/)
    expect(said).toMatch(
      /replied 0[\s\S]*what is said of TASK-404 waits, and goes when a daemon runs again[\s\S]*failed 0/,
    )
    expect(said).toMatch(/none can be started from behind a wall[\s\S]*started 8/)
    await bench.ok(['status'])
    await bench.whenDelivery(ids[0]!, 'Iso/lead', 'confirmed', 'acked')
    const { message: forged } = await bench.whenDelivery(ids[1]!, 'Iso/lead', 'confirmed', 'acked')
    expect(forged.from).toBe('Iso/spy')
    expect((await bench.run(['trace', ids[2]!])).code).not.toBe(0)
    const rejected = (await readdir(bench.file('registry', 'outbox', 'rejected'))).map(name =>
      readFile(bench.file('registry', 'outbox', 'rejected', name), 'utf8'),
    )
    const byTime = (one: Rejected, other: Rejected) => one.rejected.at.localeCompare(other.rejected.at)
    expect((await Promise.all(rejected)).map(text => JSON.parse(text) as Rejected).sort(byTime)).toMatchObject([
      {
        rejected: { message: expect.stringContaining('no task "TASK-404"') },
        file: { fail: { why: 'it is not there' } },
      },
      { rejected: { message: expect.stringContaining('may not speak as human') }, file: { id: ids[2] } },
    ])
    expect((await bench.ok(['trace', noted.id])).replies).toMatchObject([
      { from: 'Iso/spy', body: 'STATUS spy: minded' },
    ])
    expect((await Promise.all(rejected)).join()).not.toContain(stolen)

    // What people are told of it.
    expect((await bench.run(['status'])).stdout).toContain('script, isolated')
    expect((await bench.run(['explain', 'Iso/spy'])).stdout).toMatch(
      /isolation\s+isolated by bubblewrap, with the network/,
    )
    expect((await bench.run(['doctor'])).stdout).toMatch(/Iso is isolated \(bubblewrap: .*not covered: the network/)
    // What it started ends with it.
    await tried('(trap "" TERM HUP; setsid sleep 3456) >/dev/null 2>&1 &')
    await bench.ok(['stop', 'Iso/spy'])
    const { execa } = await import('execa')
    const { stdout } = await execa('ps', ['-axo', 'args='])
    expect(stdout).not.toContain('sleep 3456')
  },
  180_000,
)

it.skipIf(why !== undefined)(
  'R-ALL-4 R-APR-2 what an isolated agent plants in its clone runs nowhere, and its work is taken, checked and merged',
  async () => {
    await using bench = await Workbench.open()
    const repository = await gitProject(bench.file('project'))
    const library = await gitProject(bench.file('library'))
    for (const name of ['lib', 'unseen'])
      await git(repository, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, name)
    await commit(repository, 'Submodules')
    await git(repository, 'submodule', '--quiet', 'deinit', '--force', 'unseen')
    await git(join(repository, 'lib'), 'config', 'user.name', 'Spy')
    await git(join(repository, 'lib'), 'config', 'user.email', 'spy@example.org')
    // A fresh home has nobody's name, and what the project says is taken into the clone.
    await git(repository, 'config', 'user.name', 'Spy')
    await git(repository, 'config', 'user.email', 'spy@example.org')
    const pwned = bench.file('pwned')
    const spying = `touch ${pwned}; cat ${bench.file('registry', 'tokens', 'human')} >stolen.txt 2>/dev/null; test -f work.txt`
    const made = await createIsolated(bench, 'Iso', { repo: repository, checks: [spying] })
    expect(made.notes).toContain(
      'Iso/spy: its submodule unseen is an empty folder: it is not checked out in the project',
    )
    const tried = (script: string) => inside(bench, 'Iso/spy', script)
    // A copy of the project's own, with which git works inside; what is committed there alone is in the way of a removal.
    const submodule = await tried('cat lib/README.md; git submodule status lib | cut -c1,42-46; git status --porcelain')
    expect(submodule.stdout, submodule.stderr).toBe('# Project\n  lib \n')
    const clone = bench.file('sandbox', 'worktrees', 'Iso', 'spy')

    const planted = await tried(`
cat >"$AGENCY_RUN/evil" <<'EVIL'
#!/bin/sh
touch ${pwned}
touch ${bench.file('registry', 'pwned')}
exit 1
EVIL
chmod +x "$AGENCY_RUN/evil"
cp "$AGENCY_RUN/evil" ./evil
mkdir -p .git/hooks
for hook in post-checkout pre-commit reference-transaction post-index-change pre-auto-gc; do cp ./evil .git/hooks/$hook; done
git config core.fsmonitor "$PWD/evil"
git config core.sshCommand "$PWD/evil"
git config core.pager "$PWD/evil"
git config core.gitProxy "$PWD/evil"
git config uploadpack.packObjectsHook "$PWD/evil"
git config filter.evil.clean "$PWD/evil"
git config filter.evil.smudge "$PWD/evil"
git config diff.external "$PWD/evil"
git config alias.status "!$PWD/evil"
git config alias.rev-parse "!$PWD/evil"
git config gc.auto 1
rm .git/hooks/pre-commit .git/hooks/reference-transaction .git/hooks/post-index-change
git -c core.fsmonitor=false config --list >/dev/null
rm evil
echo made >work.txt
git -c core.fsmonitor=false add work.txt && git -c core.fsmonitor=false commit --quiet -m 'Work of the spy' && echo committed`)
    expect(planted.stdout, planted.stderr).toContain('committed')
    await tried(
      `printf '#!/bin/sh\\ntouch ${pwned}\\n' >.git/evil; chmod +x .git/evil; git config core.fsmonitor "$PWD/.git/evil"`,
    )

    // Everything of ours that looks there.
    const { agencies } = await bench.ok(['git', 'status'])
    const spy = agencies[0].worktrees.find((worktree: { agent: string }) => worktree.agent === 'Iso/spy')
    expect(spy).toMatchObject({ state: 'clean', ahead: 1, behind: 0 })
    await bench.ok(['doctor'])
    const removal = await bench.run(['remove', 'Iso'])
    expect(removal.code).toBe(4)
    expect(removal.stderr).toContain('1 commit')

    const submitted = await tried('"$AGENCY_BIN" submit --title "The work" --json')
    expect(submitted.status, submitted.stderr).toBe(0)
    const { submission } = JSON.parse(submitted.stdout)
    const state = async () => (await bench.ok(['approvals', 'show', submission.id])).submission
    const waits = await until(async () => (await state()).state === 'waiting', { timeoutMs: 30_000, everyMs: 100 })
    expect(waits, JSON.stringify(await state())).toBe(true)
    // Its checks ran where it was made and once more apart: behind walls, both times.
    expect((await state()).checks).toMatchObject([{ status: 0 }])
    expect((await state()).tests).toMatchObject([{ status: 0 }])
    expect((await tried('cat stolen.txt')).stdout).toBe('')
    await tried('rm -f stolen.txt')

    const refused = await tried(`"$AGENCY_BIN" approvals approve ${submission.id}`)
    expect(refused.status).toBe(5)
    await bench.ok(['approvals', 'approve', submission.id])
    const merged = await until(async () => (await state()).state === 'merged', { timeoutMs: 30_000, everyMs: 100 })
    expect(merged, JSON.stringify(await state())).toBe(true)
    expect(await readFile(join(repository, 'work.txt'), 'utf8')).toBe('made\n')

    // Leases are on the files of the project, wherever its agents work on them: at a commit there too.
    await bench.ok(['lock', 'acquire', 'held.txt', '--ttl', '10m', '--why', 'mine'], { cwd: repository })
    const held = await tried(
      'echo x >held.txt; git config --unset core.fsmonitor; git add held.txt && git commit -m Held 2>&1; git log -1 --format="last: %s"; "$AGENCY_BIN" lock acquire held.txt --ttl 1m 2>&1',
    )
    expect(held.status).toBe(4)
    expect(held.stdout).toContain('human')
    expect(held.stdout).toContain('last: Work of the spy')
    await tried('git rm -qf --cached held.txt; rm held.txt; git reset -q --hard')
    // What was merged is there to be fetched, and a task counts by what was fetched from the clone.
    const fetched = async () => {
      await bench.ok(['git', 'status'])
      const said =
        'git -c core.fsmonitor=false fetch --quiet origin; git -c core.fsmonitor=false log --format=%s -1 origin/main'
      return (await tried(said)).stdout
    }
    expect(await until(async () => (await fetched()).startsWith('Merge'), { timeoutMs: 20_000, everyMs: 500 })).toBe(
      true,
    )
    const { tasks } = await bench.ok(['task', 'add', 'More work', '--to', 'Iso/spy'])
    const done = await tried(`
git -c core.fsmonitor=false merge --quiet origin/main
git -c core.fsmonitor=false log --format=%s -1
echo more >more.txt
git -c core.fsmonitor=false add more.txt && git -c core.fsmonitor=false commit --quiet -m 'More work'
"$AGENCY_BIN" task done ${tasks[0].id} 'made' --commit "$(git rev-parse HEAD)"`)
    expect(done.status, done.stderr).toBe(0)
    expect(done.stdout, done.stderr).toMatch(/^Merge/)
    const task = async () => (await bench.ok(['task', 'show', tasks[0].id])).task
    const counts = await until(async () => (await task()).state === 'succeeded', { timeoutMs: 30_000, everyMs: 100 })
    expect(counts, JSON.stringify(await task())).toBe(true)
    expect((await task()).evidence).toMatchObject({ ahead: 1, files: ['more.txt'], checks: [{ status: 0 }] })

    // A .git that is a file leads git to a folder of the agent's choice: it is not followed outside.
    await tried(
      'mv .git hidden && printf "gitdir: %s/hidden\\n" "$PWD" >.git && git config core.fsmonitor "$PWD/hidden/evil" && git config core.hooksPath "$PWD/hidden/hooks"',
    )
    await bench.run(['git', 'status'])
    await bench.run(['doctor'])
    await tried('rm .git && mv hidden .git')

    expect(existsSync(pwned)).toBe(false)
    expect(existsSync(bench.file('registry', 'pwned'))).toBe(false)
    expect(await git(repository, 'config', '--list', '--local')).not.toContain('evil')
    await mkdir(bench.file('aside'), { recursive: true })
    await writeFile(bench.file('aside', 'done'), '')
    await tried('rm -f stolen.txt')
    await git(repository, 'merge', '--quiet', 'agency/Iso/spy')
    // What is committed in a copy of a submodule is there alone, and in the way of a removal.
    expect((await tried('git -C lib commit --allow-empty -m Own')).stdout).toContain('Own')
    expect(await bench.run(['remove', 'Iso'])).toMatchObject({ code: 4 })
    await tried('git -C lib checkout --quiet --detach refs/remotes/origin/project')
    await bench.ok(['remove', 'Iso'])
    expect(existsSync(clone)).toBe(false)
  },
  180_000,
)

it.skipIf(why !== undefined)(
  'R-ALL-4 R-APR-2 R-APR-4 work of an isolated agent goes from its clone through the sandbox to the queue, and merged by the person alone',
  async () => {
    await using bench = await Workbench.open()
    const repository = await sandboxProject(bench.file('project'))
    await git(repository, 'config', 'user.name', 'Spy')
    await git(repository, 'config', 'user.email', 'spy@example.org')
    await createIsolated(bench, 'Iso', { repo: repository })
    const tried = (script: string) => inside(bench, 'Iso/spy', script)
    // Its own tests look for a way out of the sandbox, where its wall is another one.
    const kept = ['tokens/human', 'tokens/Iso.spy', 'agency.db', 'agencyd.sock', 'door/agencyd.sock'].map(name =>
      bench.file('registry', name),
    )
    const theft = `import assert from 'node:assert'
import { existsSync } from 'node:fs'
import test from 'node:test'
test('nothing is there', () => assert.deepEqual(${JSON.stringify([...kept, join(repository, '.git'), '/tmp/tmux-0'])}.filter(existsSync), []))
`
    const made = await tried(`
cat >theft.test.js <<'END'
${theft}END
echo made >work.txt
git add -A && git commit --quiet -m 'Work of the spy' && git rev-parse HEAD`)
    expect(made.status, made.stderr).toBe(0)
    const { submission } = JSON.parse((await tried('"$AGENCY_BIN" submit --json')).stdout)
    const shown = async () => (await bench.ok(['approvals', 'show', submission.id])).submission
    const isDecided = async () => !['checking', 'testing'].includes((await shown()).state)
    expect(await until(isDecided, { timeoutMs: 60_000, everyMs: 200 })).toBe(true)
    const waiting = await shown()
    expect(waiting, JSON.stringify(waiting)).toMatchObject({
      state: 'waiting',
      testedIn: expect.stringMatching(/^the sandbox .*\(bubblewrap\)$/),
      tests: [{ status: 0 }],
      change: { commit: made.stdout.trim() },
    })
    expect(await fetch(waiting.preview).then(answer => answer.json())).toMatchObject({ seeded: 'first' })
    const { sandboxes } = await bench.ok(['sandbox', 'list'])
    const refused = await tried(`
for words in 'approvals approve ${submission.id}' 'approvals reject ${submission.id} no' 'sandbox destroy ${sandboxes[0].slug}'; do
  "$AGENCY_BIN" $words >/dev/null 2>&1; echo $?
done
ls ${bench.file('sandbox', 'staging')} 2>&1`)
    expect(refused.stdout.split('\n').slice(0, 3)).toEqual(['5', '5', '5'])
    expect(refused.stdout).toContain('No such file')
    const { submission: merged } = await bench.ok(['approvals', 'approve', submission.id, '--wait'], {
      timeoutMs: 60_000,
    })
    expect(merged.state).toBe('merged')
    expect(await readFile(join(repository, 'work.txt'), 'utf8')).toBe('made\n')
    expect(await git(repository, 'log', '-1', '--merges', '--format=%P', 'main')).toContain(made.stdout.trim())
    const isTidy = async () => (await bench.ok(['sandbox', 'list'])).sandboxes.length === 0
    expect(await until(isTidy, { timeoutMs: 20_000, everyMs: 200 })).toBe(true)
  },
  180_000,
)

it.skipIf(why !== undefined)(
  'R-ALL-4 where there can be no wall nothing is started behind none; a level may be changed, and says so',
  async () => {
    await using bench = await Workbench.open()
    const repository = await gitProject(bench.file('project'))
    await createIsolated(bench, 'Iso', {
      repo: repository,
      own: { peer: 'none', lead: { level: 'bubblewrap', network: false } },
    })
    const doctor = async (env = {}) => (await bench.run(['doctor'], { env })).stdout
    expect(await doctor()).toContain('Iso is isolated but for peer')
    expect((await bench.agent('Iso/peer')).isolation).toBe('none')
    expect((await inside(bench, 'Iso/lead', 'ls /sys/class/net 2>/dev/null; cat /proc/net/dev')).stdout).not.toMatch(
      /eth|en[ops]\d/,
    )
    expect((await inside(bench, 'Iso/lead', '"$AGENCY_BIN" send human "STATUS lead: here"')).status).toBe(0)

    // Its own worktree becomes a clone, and a clone a worktree; what is not committed keeps it from that.
    await inside(
      bench,
      'Iso/peer',
      'echo a >a.txt; git add a.txt; git -c user.name=p -c user.email=p@example.org commit -qm One',
    )
    const file = bench.file('agencies', 'Iso', 'agency.json')
    const edit = async (change: (definition: { agents: { isolation?: unknown }[]; isolation?: unknown }) => void) => {
      const definition = JSON.parse(await readFile(file, 'utf8'))
      change(definition)
      await writeFile(file, JSON.stringify(definition, null, 2))
    }
    const isolatedNow = async (address: string, level: string) =>
      until(async () => (await bench.agent(address)).isolation === level, { timeoutMs: 20_000, everyMs: 100 })
    await edit(definition => {
      for (const agent of definition.agents) delete agent.isolation
    })
    expect(await isolatedNow('Iso/peer', 'bubblewrap')).toBe(true)
    expect(await inside(bench, 'Iso/peer', 'git log --format=%s; ls -d .git/objects')).toMatchObject({
      stdout: 'One\nBegin\n.git/objects\n',
    })
    await inside(bench, 'Iso/spy', 'echo b >b.txt')
    await edit(definition => {
      delete definition.isolation
    })
    expect(await isolatedNow('Iso/peer', 'none')).toBe(true)
    expect((await inside(bench, 'Iso/peer', 'git log --format=%s; git rev-parse --git-dir')).stdout).toContain(
      `One\nBegin\n${repository}/.git/worktrees`,
    )
    await bench.whenAgent('Iso/spy', 'dead')
    expect((await bench.run(['explain', 'Iso/spy'])).stdout).toContain('uncommitted')
    await edit(definition => {
      definition.isolation = 'bubblewrap'
    })
    expect(await isolatedNow('Iso/peer', 'bubblewrap')).toBe(true)

    // A machine without bubblewrap: everything else of this one is on the path.
    const path = bench.file('path')
    await mkdir(path)
    for (const folder of (process.env.PATH ?? '').split(':').reverse())
      for (const name of await readdir(folder).catch(() => []))
        if (name !== 'bwrap') await symlink(join(folder, name), join(path, name)).catch(() => undefined)
    const without = { PATH: path }
    await bench.ok(['daemon', 'restart'], { env: without })
    const restarted = await bench.run(['restart', 'Iso/lead', '--json'], { env: without })
    await bench.whenAgent('Iso/lead', 'dead')
    const explained = (await bench.run(['explain', 'Iso/lead'], { env: without })).stdout
    expect(`${explained} ${restarted.stdout}`).toContain('bubblewrap is not installed: it is not started')
    const told = await doctor(without)
    expect(told).toContain('Iso is to be isolated, and bubblewrap is not installed: its agents are not started')
    expect(told).toContain('apt-get install bubblewrap')
    await layOutIsolated(bench, 'Late')
    expect(await bench.run(['create', 'Late', '--json'], { env: without })).toMatchObject({
      code: 8,
      json: { error: { code: 'ENVIRONMENT', hint: expect.stringContaining('apt-get install bubblewrap') } },
    })
    expect(existsSync(bench.file('agencies', 'Late'))).toBe(false)
    // A driver of which nobody has said what it needs there.
    await layOutIsolated(bench, 'Odd')
    const template = bench.file('templates', 'agencies', 'Odd', 'agency.json')
    await writeFile(template, (await readFile(template, 'utf8')).replaceAll('"script"', '"odd"'))
    await mkdir(bench.file('templates', 'drivers'), { recursive: true })
    await writeFile(
      bench.file('templates', 'drivers', 'odd.yaml'),
      'title: Odd\ndoors: [process]\ncommand: ["{command}"]\n',
    )
    await bench.ok(['daemon', 'restart'])
    expect(await bench.run(['create', 'Odd', '--json'])).toMatchObject({
      code: 8,
      json: { error: { code: 'ENVIRONMENT' } },
    })
  },
  180_000,
)

it.skipIf(why !== undefined)(
  'R-ALL-4 R-BUS-4 a program of screens that is typed into works behind a wall as before it, hooks and all',
  async () => {
    await using bench = await Workbench.open()
    const repository = await gitProject(bench.file('project'))
    await mkdir(bench.file('templates', 'agencies', 'Shy'), { recursive: true })
    await writeFile(
      bench.file('templates', 'agencies', 'Shy', 'agency.json'),
      JSON.stringify({ name: 'Shy', isolation: 'bubblewrap', coordinator: { name: 'lead' }, agents: [{ name: 'a' }] }),
    )
    await bench.ok(['create', 'Shy', '--repo', repository])
    await bench.whenAgent('Shy/a', 'ready')
    const sent = await bench.ok(['send', 'Shy/a', 'QUESTION: which port?'])
    await bench.whenDelivery(sent.id, 'Shy/a', 'confirmed', 'acked')
    const long = await bench.ok(['send', 'Shy/a', `NOTE: ${'a long text\n'.repeat(400)}`])
    await bench.whenDelivery(long.id, 'Shy/a', 'confirmed', 'acked')
    const received = await readFile(bench.file('registry', 'run', 'Shy', 'a', 'own', 'received.jsonl'), 'utf8')
    expect(received).toContain(sent.id.slice(-8))
    expect(received).toContain(bench.file('registry', 'run', 'Shy', 'a', 'mail', `${long.id}.md`))
    // Its end is seen, and it comes back.
    const before = await bench.agent('Shy/a')
    const isBack = (pid: number) =>
      until(
        async () => {
          const now = await bench.agent('Shy/a')
          return now.state === 'ready' && now.pid !== pid
        },
        { timeoutMs: 20_000, everyMs: 100 },
      )
    process.kill(before.pid, 'SIGKILL')
    expect(await isBack(before.pid)).toBe(true)
    // As the person it begins anew.
    const { pid } = await bench.agent('Shy/a')
    const file = bench.file('agencies', 'Shy', 'agency.json')
    const { isolation: _, ...definition } = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify(definition))
    expect(await isBack(pid)).toBe(true)
    expect((await bench.agent('Shy/a')).isolation).toBe('none')
  },
  120_000,
)

interface Rejected {
  readonly rejected: { readonly at: string; readonly message: string }
}
