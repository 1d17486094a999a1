/**
 * The part of a completion that all shells share, as functions of POSIX sh: given the word under the cursor and those before
 * it, `_agency_candidates` prints what may stand there, a line for each, with a tab and a few words about it. It starts no daemon
 * and no Node: names are read from the views in registry/, which are a second old at most while a daemon runs.
 */
import { join } from 'node:path'
import { packageRoot } from '../../config/workspace.ts'
import type { Offer, OfferedOption, OfferedVerb } from './offers.ts'

export function core(verbs: readonly OfferedVerb[]): string {
  return [
    table('_agency_verbs', verbs.map(({ name, summary }) => line(name, summary)).join('\n')),
    cases('_agency_actions', '"$_verb"', verbs, ({ name, actions }) => [
      ...(actions ? [[name, say([...actions.keys()].join('\n'))] as const] : []),
    ]),
    cases('_agency_options', '"$_verb $_action"', verbs, verb => [
      ...[...(verb.actions?.keys() ?? [])].map(
        action => [`${verb.name} ${action}`, say(optionLines(verb.options(action)))] as const,
      ),
      [`${verb.name} `, say(optionLines(verb.options(undefined)))],
    ]),
    cases('_agency_value', '"$_verb $1"', verbs, ({ name, options }) =>
      options(undefined).flatMap(({ flag, value }) =>
        value === undefined ? [] : [[`${name} ${flag}`, `_offer=${quoted(offerWord(value))}`] as const],
      ),
    ),
    cases('_agency_word', '"$_verb $_action $1"', verbs, ({ name, actions, words }) => [
      ...(actions
        ? [...actions].flatMap(([action, offers]) => wordCases(`${name} ${action}`, offers))
        : wordCases(`${name} `, words)),
    ]),
    READING.replaceAll('SHIPPED', quoted(join(packageRoot, 'templates'))),
  ].join('\n\n')
}

type Case = readonly [pattern: string, command: string]

/** A function that is one `case`; it fails where none fits. */
function cases(
  name: string,
  on: string,
  verbs: readonly OfferedVerb[],
  casesOf: (verb: OfferedVerb) => readonly Case[],
): string {
  const rows = verbs.flatMap(casesOf).map(([pattern, command]) => `    ${quoted(pattern)}) ${command} ;;`)
  return `${name}() {\n  case ${on} in\n${rows.join('\n')}\n    *) return 1 ;;\n  esac\n}`
}

function table(name: string, text: string): string {
  return `${name}() {\n  ${say(text)}\n}`
}

function wordCases(prefix: string, offers: readonly Offer[]): readonly Case[] {
  return offers.map((offer, at) => [`${prefix} ${at + 1}`, `_offer=${quoted(offerWord(offer))}`])
}

/** A kind begins with `@`; else the words themselves. */
function offerWord(offer: Offer): string {
  return typeof offer === 'string' ? `@${offer}` : offer.join(' ')
}

function optionLines(options: readonly OfferedOption[]): string {
  return options.map(({ flag, about }) => line(flag, about)).join('\n')
}

function line(name: string, about: string): string {
  return `${name}\t${about.replace(/\s+/g, ' ')}`
}

function say(text: string): string {
  return `printf '%s\\n' ${quoted(text)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

// Of names that others gave, only plain ones are offered: a shell must never have a word to expand.
const READING = `_agency_root() {
  _root=\${_root:-\${AGENCY_WORKSPACE:-}}
  if [ -z "$_root" ]; then
    _root=$PWD
    while [ ! -e "$_root/agency.yaml" ] && [ "$_root" != / ] && [ -n "$_root" ]; do _root=\${_root%/*}; done
  fi
}

# view, key of the name, key of what is said about it, how many characters of the name's end
_agency_items() {
  [ -r "$_root/registry/$1.json" ] || return 0
  awk -v key="$2" -v about="$3" -v last="$4" '
    function value(text) { sub(/^ *"[^"]*": "/, "", text); sub(/",?$/, "", text); return text }
    function tell() { if (name ~ /^[A-Za-z0-9][A-Za-z0-9._\\/-]*$/) print name "\\t" said }
    index($0, key) == 1 { if (name != "") tell(); said = ""; name = value($0); if (last) name = substr(name, length(name) - last + 1) }
    about != "" && index($0, about) == 1 { said = value($0); gsub(/[^ -~]|\\\\./, " ", said) }
    END { if (name != "") tell() }
  ' "$_root/registry/$1.json" 2>/dev/null
}

# the last part of a path, where this file is there
_agency_named() { if [ -e "$2" ]; then printf '%s\\n' "\${1##*/}"; fi; }

_agency_agencies() { _agency_items active_agencies '      "name": "' '      "state": "' 0; }
_agency_agents() { _agency_items active_agencies '          "address": "' '          "state": "' 0; }

_agency_offer() {
  _agency_root
  case $1 in
    @agency) _agency_agencies ;;
    @agent) _agency_agents ;;
    @target) _agency_agencies; _agency_agents; printf '%s\\n' human ;;
    @task) _agency_items task_graph '      "label": "' '      "title": "' 0 ;;
    @approval) _agency_items approval_queue '      "id": "' '      "title": "' 8 ;;
    @message) _agency_items message_queue '      "message": "' '      "text": "' 8 ;;
    @lease) _agency_items locks '      "id": "' '      "owner": "' 8 ;;
    @template)
      for _folder in "$_root"/templates/agencies/*/ SHIPPED/agencies/*/; do
        _folder=\${_folder%/}
        _agency_named "$_folder" "$_folder/agency.json"
      done ;;
    @driver) for _file in "$_root"/templates/drivers/*.yaml SHIPPED/drivers/*.yaml; do _agency_named "\${_file%.yaml}" "$_file"; done ;;
    @sandbox) for _file in "$_root"/sandbox/testing/* "$_root"/sandbox/staging/*; do _agency_named "$_file" "$_file"; done ;;
    @*) printf '%s\\n' "$1" ;;
    ?*) for _word in $1; do printf '%s\\n' "$_word"; done ;;
  esac
  return 0
}

# the word under the cursor, and those before it
_agency_candidates() {
  _current=$1 _verb= _action= _at=1 _offer= _root=
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --) return 0 ;;
      --workspace) [ $# -eq 1 ] && { _agency_offer @folder; return 0; }; _root=$2; shift ;;
      -*)
        if _agency_value "$1"; then
          [ $# -eq 1 ] && { _agency_offer "$_offer"; return 0; }
          shift
        fi ;;
      *)
        if [ -z "$_verb" ]; then
          _verb=$1
        elif [ -z "$_action" ] && _agency_actions >/dev/null; then
          _action=$1
        else
          _at=$((_at + 1))
        fi ;;
    esac
    shift
  done
  _offer=
  case $_current in
    -*) _agency_options || printf '%s\\n' --help --version --json --workspace; return 0 ;;
  esac
  if [ -z "$_verb" ]; then
    _agency_verbs
  elif [ -z "$_action" ] && _agency_actions; then
    :
  elif _agency_word "$_at"; then
    _agency_offer "$_offer"
  elif [ "$_verb" = help ]; then
    _agency_verbs
  fi
  return 0
}`
