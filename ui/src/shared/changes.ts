import { useEffect, useRef, useState } from 'react';
import { onArrival, present } from './presence';

/** After how long a stream is opened again: one that ended, and one that could not be had. */
const again = 1_000;
const refused = 60_000;

/**
 * Follows a stream of the server that tells that something changed, and calls `changed` then; what changed,
 * the page asks as it always does. Gives whether the stream is open: while it is not, the page asks by itself.
 *
 * A window that is not looked at holds no connection (a browser has only a few to one server), and an empty
 * chair asks for nothing: both catch up when somebody comes back.
 */
export function useChanges(address: string, changed: () => void): boolean {
  const [open, setOpen] = useState(false);
  const act = useRef(changed);
  act.current = changed;
  useEffect(() => {
    if (typeof EventSource === 'undefined') return;
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let missed = false;
    const looked = () => !document.hidden && present();
    const tell = () => {
      missed = !looked();
      if (!missed) act.current();
    };
    const close = () => {
      clearTimeout(timer);
      source?.close();
      source = undefined;
      setOpen(false);
    };
    const begin = () => {
      if (source || !looked()) return;
      let had = false;
      source = new EventSource(address);
      source.onopen = () => {
        had = true;
        setOpen(true);
        if (missed) tell();
      };
      source.onerror = () => {
        close();
        timer = setTimeout(begin, had ? again : refused);
        missed = true;
      };
      source.addEventListener('changed', tell);
      source.addEventListener('ended', () => {
        close();
        timer = setTimeout(begin, refused);
        tell(); // who asks now is told that the session is over
      });
    };
    const arrive = () => {
      if (!looked()) {
        if (document.hidden) {
          close();
          missed = true;
        }
        return;
      }
      clearTimeout(timer);
      begin();
      if (missed) tell();
    };
    const gone = onArrival(arrive);
    document.addEventListener('visibilitychange', arrive);
    begin();
    return () => {
      gone();
      document.removeEventListener('visibilitychange', arrive);
      close();
    };
  }, [address]);
  return open;
}
