import { Table } from '@digdir/designsystemet-react';
import type { ReactNode } from 'react';
import { Scroll } from './scroll';

interface ScrollTableProps {
  /** What the table holds: its name for those who do not see it. */
  label: string;
  head: readonly ReactNode[];
  children: ReactNode;
  className?: string;
}

/** A table that scrolls by itself when the window is narrower than it, by keyboard too. */
export function ScrollTable({ label, head, children, className }: ScrollTableProps) {
  return (
    <Scroll label={label}>
      <Table className={className} aria-label={label} data-size="sm">
        <Table.Head>
          <Table.Row>
            {head.map((cell, column) => (
              // The columns of a table never move.
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              <Table.HeaderCell key={column} scope="col">
                {cell}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        <Table.Body>{children}</Table.Body>
      </Table>
    </Scroll>
  );
}
