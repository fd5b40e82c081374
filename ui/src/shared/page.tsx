import { Heading } from '@digdir/designsystemet-react';
import { type ReactNode, useEffect, useRef } from 'react';

/** Whether a page has been shown before: the first page leaves the focus where the browser put it. */
let navigated = false;

interface PageProps {
  title: string;
  /** What the window is called, if not the title. */
  windowTitle?: string;
  /** The organisation or application, at the end of the window's title. */
  suffix: string;
  className?: string;
  /** A line above the heading, such as which step this is. */
  over?: ReactNode;
  size?: 'md' | 'lg' | 'xl';
  children: ReactNode;
}

/** One page: sets the window's title, shows the one h1 and moves the focus to it. */
export function Page({
  title,
  windowTitle,
  suffix,
  className,
  over,
  size = 'lg',
  children,
}: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${windowTitle ?? title} – ${suffix}`;
  }, [title, windowTitle, suffix]);
  useEffect(() => {
    if (navigated) {
      heading.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    navigated = true;
  }, []);
  return (
    <div className={className}>
      {over}
      <Heading ref={heading} level={1} data-size={size} tabIndex={-1}>
        {unbroken(title)}
      </Heading>
      {children}
    </div>
  );
}

/** What fits on a line of its own on the narrowest phone, in letters of a title. */
const short = 16;

/** A title in which no short word is broken at its hyphen ("e-post"). */
function unbroken(title: string): ReactNode {
  return title.split(/(\S*-\S*)/).map((part, index) =>
    index % 2 === 0 || part.length > short ? (
      part
    ) : (
      <span key={part} className="nowrap">
        {part}
      </span>
    ),
  );
}
