export interface Bar {
  key: string;
  name: string;
  value: number;
  /** It tells of something that should not be. */
  warn?: boolean;
}

interface BarsProps {
  /** What the chart shows, in one sentence, for those who do not see it. */
  label: string;
  bars: readonly Bar[];
}

const height = 160;
const foot = 22;
const head = 18;
const step = 72;

/** The round number at or above the greatest value that the axis ends at. */
export function axisTop(values: readonly number[]): number {
  const most = Math.max(1, ...values);
  const size = 10 ** Math.floor(Math.log10(most));
  const round = [1, 2, 5, 10].map((n) => n * size).find((n) => n >= most);
  return round ?? most;
}

/** A bar chart of our own: names under the bars, numbers over them. */
export function Bars({ label, bars }: BarsProps) {
  const width = Math.max(bars.length, 1) * step;
  const top = axisTop(bars.map((bar) => bar.value));
  const scale = (height - foot - head) / top;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      className="bars"
      // More than a year would be too small to read: then the chart scrolls instead of shrinking.
      data-fit={bars.length <= 14 ? '' : undefined}
    >
      <line x1={0} x2={width} y1={height - foot} y2={height - foot} className="axis" />
      {bars.map((bar, place) => {
        const tall = bar.value * scale;
        const middle = place * step + step / 2;
        return (
          <g key={bar.key}>
            <rect
              x={middle - 18}
              y={height - foot - tall}
              width={36}
              height={tall}
              rx={2}
              className="bar"
              data-warn={bar.warn ? '' : undefined}
            />
            <text x={middle} y={height - foot - tall - 5} className="bar-value">
              {bar.value}
            </text>
            <text x={middle} y={height - 6} className="bar-name">
              {bar.name}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
