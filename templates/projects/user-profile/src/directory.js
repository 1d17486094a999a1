/** The people of the directory and who is signed in. */

const PEOPLE = [
  { id: 1, displayName: 'Ada Lovelace', email: 'ada@example.org', bio: 'Wrote the first program.' },
  { id: 2, displayName: 'Grace Hopper', email: 'grace@example.org', bio: 'Found the first bug.' },
  { id: 3, displayName: 'Alan Turing', email: 'alan@example.org', bio: 'Asked whether machines can think.' },
]

const TOKENS = new Map([
  ['token-ada', 1],
  ['token-grace', 2],
  ['token-alan', 3],
])

export function createDirectory({ people = PEOPLE, tokens = TOKENS } = {}) {
  const byId = new Map(people.map(person => [person.id, person]))
  return {
    all: () => [...byId.values()].sort((a, b) => a.id - b.id),
    find: id => byId.get(id),
    /** The person whom an Authorization header speaks for; undefined for nobody. */
    signedIn: header => byId.get(tokens.get(/^Bearer (\S+)$/.exec(header ?? '')?.[1])),
  }
}
