/** Feature maps as stacked squares: they shrink and grow in number along the network. */
export function StageGlyph({ side, channels }: { side: number; channels: number }) {
  const square = side === 1 ? 5 : 7 + Math.min(13, 3.2 * Math.log2(Math.max(1, side / 2)))
  const sheets = side === 1 ? 1 : Math.round(Math.log2(channels)) - 4
  const step = 2.6
  return (
    <svg width="36" height="28" viewBox="0 0 36 28" aria-hidden="true">
      {Array.from({ length: sheets }, (_, index) => sheets - 1 - index).map((depth) => (
        <rect
          key={depth}
          x={(36 - square - (sheets - 1) * step) / 2 + depth * step}
          y={(28 - square + (sheets - 1) * 1.2) / 2 - depth * 1.2}
          width={square}
          height={square}
          rx="1.5"
          fill="var(--glyph)"
          stroke="var(--panel)"
          strokeWidth="1"
        />
      ))}
    </svg>
  )
}
