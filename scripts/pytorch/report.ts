/** Counts of checks and the tables they made, printed as they come and as markdown at the end. */

export type Cell = string | number

/** A check that cannot be made here. */
export class Skip extends Error {}

export class Report {
  #passed = 0
  #failed = 0
  #skipped = 0
  readonly #markdown: string[] = ['# Tabtune beside PyTorch', '']

  get failed(): boolean {
    return this.#failed > 0
  }

  /** Runs one check: a sentence that holds. What it returns is printed behind it; a throw fails it. */
  async check(sentence: string, run: () => Promise<string> | string): Promise<boolean> {
    try {
      const detail = await run()
      this.#passed++
      this.#say('passed', detail ? `${sentence}: ${detail}` : sentence)
      return true
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (error instanceof Skip) this.#skipped++
      else this.#failed++
      this.#say(error instanceof Skip ? 'skipped' : 'FAILED', `${sentence}: ${message}`)
      return false
    }
  }

  #say(word: string, text: string): void {
    console.log(`  ${word.padEnd(8)}${text}`)
    this.#markdown.push(`- ${word}: ${text}`)
  }

  section(title: string): void {
    console.log(`\n${title}`)
    this.#markdown.push('', `## ${title}`, '')
  }

  table(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
    const texts = [head, ...rows].map((row) => row.map(String))
    const widths = head.map((_, column) => Math.max(...texts.map((row) => row[column].length)))
    for (const row of texts) console.log(`  ${row.map((cell, i) => cell.padStart(widths[i])).join('  ')}`)
    const lines = texts.map((row) => `| ${row.join(' | ')} |`)
    this.#markdown.push('', lines[0], `|${head.map(() => ' --- |').join('')}`, ...lines.slice(1), '')
  }

  get markdown(): string {
    return `${this.#markdown.join('\n')}\n\n${this.summary}\n`
  }

  get summary(): string {
    return `${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} skipped`
  }
}
