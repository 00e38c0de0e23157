/** Something that the person gave is wrong. The message is one line that says what and where; exit status 2. */
export class BadInput extends Error {
  override name = 'BadInput'
}
