/** Finds words that stand in the code of a component instead of in the translations. For tests. */
import { parseAst } from 'vite'
import { z } from 'zod'

export interface LiteralText {
  line: number
  text: string
}

/** Attributes whose text a person reads or hears. */
const READ_OUT =
  /^(aria-(label|description|valuetext|roledescription|placeholder)|title|alt|placeholder|label|description|error)$/

const nodeSchema = z.looseObject({ type: z.string(), start: z.number() })
type Node = z.infer<typeof nodeSchema>

const named = z.looseObject({ name: z.looseObject({ name: z.unknown() }), value: z.unknown() })
const withValue = z.looseObject({ value: z.unknown() })
const withChildren = z.looseObject({ children: z.array(z.unknown()) })
const withExpression = z.looseObject({ expression: z.unknown() })
const conditional = z.looseObject({ consequent: z.unknown(), alternate: z.unknown() })
const logical = z.looseObject({ left: z.unknown(), right: z.unknown() })
const template = z.looseObject({
  quasis: z.array(z.looseObject({ start: z.number(), value: z.looseObject({ raw: z.string() }) })),
})

/** Texts with letters in them, as they stand between tags or in attributes that are read out. */
export function findLiteralText(code: string): LiteralText[] {
  const found: LiteralText[] = []
  const note = (start: number, value: unknown) => {
    if (typeof value !== 'string' || !/\p{L}/u.test(value)) return
    found.push({ line: code.slice(0, start).split('\n').length, text: value.trim() })
  }

  /** What an expression may come to be drawn as: its own texts, not those that it hands to functions. */
  const drawn = (value: unknown): void => {
    const node = nodeSchema.safeParse(value)
    if (!node.success) return
    const { type, start } = node.data
    if (type === 'Literal' || type === 'JSXText') note(start, withValue.parse(value).value)
    else if (type === 'JSXExpressionContainer') drawn(withExpression.parse(value).expression)
    else if (type === 'TemplateLiteral')
      for (const quasi of template.parse(value).quasis) note(quasi.start, quasi.value.raw)
    else if (type === 'ConditionalExpression') {
      drawn(conditional.parse(value).consequent)
      drawn(conditional.parse(value).alternate)
    } else if (type === 'LogicalExpression') {
      const { left, right } = logical.parse(value)
      if (nodeSchema.safeParse(left).data?.type === 'Literal') drawn(left)
      drawn(right)
    }
  }

  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const part of value) visit(part)
    const node = nodeSchema.safeParse(value)
    if (!node.success) return
    const { type } = node.data
    if (type === 'JSXElement' || type === 'JSXFragment') withChildren.parse(value).children.forEach(drawn)
    if (type === 'JSXAttribute') {
      const attribute = named.parse(value)
      if (READ_OUT.test(String(attribute.name.name))) drawn(attribute.value)
    }
    for (const part of partsOf(node.data)) visit(part)
  }
  visit(parseAst(code, { lang: 'tsx' }).body)
  return found
}

const partsOf = (node: Node): unknown[] => Object.values(node).filter((part) => typeof part === 'object')
