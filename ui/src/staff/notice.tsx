import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';

const Context = createContext<(text: string) => void>(() => {});

/** How long a message stays on the screen; it is read aloud at once. Milliseconds. */
const shown = 6_000;

/** Gives all below it one place at the foot of the window to say what was done. */
export function NoticeProvider({ children }: { children: ReactNode }) {
  const [notice, setNotice] = useState<{ text: string; at: number }>();
  const say = useCallback((text: string) => setNotice({ text, at: performance.now() }), []);
  useEffect(() => {
    if (!notice) return;
    const timer = setTimeout(() => setNotice(undefined), shown);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <Context value={say}>
      {children}
      <div role="status" className="notice">
        {notice && <p key={notice.at}>{notice.text}</p>}
      </div>
    </Context>
  );
}

/** Says what was done. */
export function useNotice(): (text: string) => void {
  return useContext(Context);
}
