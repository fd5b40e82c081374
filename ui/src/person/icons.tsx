import type { Right } from '../api/client';

const shapes: Record<Right, string> = {
  access:
    'M12 5c5 0 8.5 4.2 9.6 6.3a1.5 1.5 0 0 1 0 1.4C20.500 14.800 17 19 12 19s-8.500-4.200-9.600-6.300a1.500 1.500 0 0 1 0-1.400C3.500 9.200 7 5 12 5Zm0 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z',
  rectification:
    'M4 20l1-4.500L16.500 4a1.800 1.800 0 0 1 2.500 0l1 1a1.800 1.800 0 0 1 0 2.500L8.500 19 4 20ZM14.500 6l3.500 3.500',
  restriction: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM10 9v6M14 9v6',
  portability: 'M4 12h14M13 6.500l5.500 5.500-5.500 5.500M4 6v12',
  objection: 'M8.500 4h7L20 8.500v7L15.500 20h-7L4 15.500v-7L8.500 4ZM9 9l6 6M15 9l-6 6',
  withdrawal: 'M9 8 5 12l4 4M5 12h9.500a4.500 4.500 0 0 1 0 9',
  human_review:
    'M12 5a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7ZM5 20c.800-4 3.500-5.500 7-5.500s6.200 1.500 7 5.500',
  erasure: 'M4 7h16M9.500 7V4.500h5V7M6 7l1 13h10l1-13M10 11v5.500M14 11v5.500',
};

/** The picture of a right, for the eye only. */
export function RightIcon({ right }: { right: Right }) {
  return (
    <svg className="right-icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={shapes[right]} />
    </svg>
  );
}
