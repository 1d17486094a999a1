#!/bin/sh
# The deeds of the two-agency loop, as a model would have them done: each is one call of an agent program's shell tool.
#   usage: deeds.sh DEED [argument …]
set -eu
branch=agency/CodeAgency/js-agent

agency() {
  "$AGENCY_BIN" "$@"
}

commit() {
  git add -A
  git -c user.name=js-agent -c user.email=js-agent@agency.invalid commit -q -m "$1"
  git rev-parse --short HEAD
}

implement() {
  node - <<'END'
const { readFileSync, writeFileSync } = require('node:fs')
const after = (text, line, added) => text.replace(line, found => `${found}${added}\n`)
let app = readFileSync('src/app.js', 'utf8')
app = after(app, /^import .*accounts\.js'\n/m, "import { showProfile } from './profile.js'")
app = after(app, /^.*answer: showAccount },\n/m, "  { method: 'GET', path: /^\\/users\\/(?<id>[^/]+)\\/profile$/, answer: showProfile },")
writeFileSync('src/app.js', app)
END
  cat >src/profile.js <<'END'
/** REQ-3: the profile of a person. */

export function showProfile({ directory, viewer, params }) {
  if (!/^[1-9]\d*$/.test(params.id)) {
    return { status: 400, body: { error: `'${params.id}' is no id: a positive whole number is` } }
  }
  const person = directory.find(Number(params.id))
  if (!person) return { status: 404, body: { error: `nobody has the id ${params.id}` } }

  const profile = { id: person.id, displayName: person.displayName, bio: person.bio }
  if (viewer) profile.email = person.email
  return { status: 200, body: profile }
}
END
  npm test >/dev/null
  agency send CodeAgency/coordinator "COMPLETE js-agent: TASK-001: the profile of a user, npm test passes, branch $branch, commit $(commit 'Add the profile of a user (REQ-3)')"
}

fix() {
  sed 's/if (viewer) profile.email/if (viewer?.id === person.id) profile.email/' src/profile.js >profile.new
  mv profile.new src/profile.js
  npm test >/dev/null
  agency send CodeAgency/coordinator "COMPLETE js-agent: TASK-001: fixed, branch $branch, commit $(commit 'Show the email of a profile to its owner alone')"
}

verify() {
  scripts=$AGENCY_WORKSPACE/agencies/QAAgency/scripts
  git checkout --quiet --detach "$branch"
  report=$AGENCY_WORKSPACE/agencies/QAAgency/context/reports/TASK-001-$(git rev-parse --short HEAD).md
  if "$scripts/run-tests" --script test --script acceptance --report "$report" >/dev/null; then verdict=passed; else verdict=issues_found; fi
  counts=$(sed -n 's/^- Result: [a-z]*, //p' "$report")
  agency send QAAgency/coordinator "COMPLETE qa-engineer: TASK-001 $verdict: $counts, branch $branch, report $report"
}

case $1 in
assign) agency send CodeAgency/js-agent "TASK-001: implement REQ-3 of README.md, the profile of a user" ;;
implement | fix | verify) "$1" ;;
handoff) agency handoff QAAgency --task TASK-001 --branch "$branch" --notes "please test it" ;;
verification) agency send QAAgency/qa-engineer "TASK-001: verify $branch for CodeAgency" ;;
results)
  agency send CodeAgency "{\"type\":\"results\",\"task\":\"TASK-001\",\"status\":\"$2\",\"bugs\":[],\"branch\":\"$branch\",\"notes\":\"$3\"}"
  ;;
rework) agency send CodeAgency/js-agent "TASK-001: fix what QA found: the email of a profile is shown to others" ;;
report) agency send human "COMPLETE code-coordinator: TASK-001 is done and passed QA, branch $branch" ;;
*) exit 2 ;;
esac
