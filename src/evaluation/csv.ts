/** Tables as CSV text (RFC 4180), with a line feed after each row. */

export type CsvField = string | number

/** Quoted where it holds a comma, a quote or a line break. */
function field(value: CsvField): string {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export function csvRow(fields: readonly CsvField[]): string {
  return `${fields.map(field).join(',')}\n`
}

export function csvText(rows: readonly (readonly CsvField[])[]): string {
  return rows.map(csvRow).join('')
}
