/** A note has a title and a body. */

export function note({ title, body }) {
  if (!title) throw new Error('a note needs a title: --title "Milk"')
  return { title: String(title), body: String(body ?? '') }
}
