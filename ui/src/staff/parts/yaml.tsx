import { Textfield } from '@digdir/designsystemet-react';
import { useRef } from 'react';
import { lineOf, offsetOfLine } from '../form';
import { useT } from '../texts';

interface YamlProps {
  id: string;
  label: string;
  description: string;
  value: string;
  onChange: (value: string) => void;
  /** What is wrong, each with file and line. */
  messages: readonly string[];
  rows?: number;
}

/** A YAML file to edit. Each message leads to its line. */
export function YamlArea({
  id,
  label,
  description,
  value,
  onChange,
  messages,
  rows = 18,
}: YamlProps) {
  const { t, n } = useT();
  const area = useRef<HTMLTextAreaElement>(null);
  const go = (line: number) => {
    const box = area.current;
    if (!box) return;
    const start = offsetOfLine(value, line);
    const end = value.indexOf('\n', start);
    box.focus();
    box.setSelectionRange(start, end < 0 ? value.length : end);
    const height = Number.parseFloat(getComputedStyle(box).lineHeight);
    box.scrollTop = Math.max(0, (line - 4) * height);
  };
  return (
    <div className="stack yaml">
      {messages.length > 0 && (
        <div role="alert" className="yaml-errors">
          <p>
            <strong>{n('yaml.errors', messages.length)}</strong>
          </p>
          <ul>
            {messages.map((message) => {
              const line = lineOf(message);
              return (
                <li key={message}>
                  {line === undefined ? message : message.slice(`${line}: `.length)}{' '}
                  {line !== undefined && (
                    <button type="button" className="as-link" onClick={() => go(line)}>
                      {t('yaml.go', { line })}
                    </button>
                  )}
                </li>
              );
            })}
          </ul>
        </div>
      )}
      <Textfield
        ref={(element) => {
          area.current = element instanceof HTMLTextAreaElement ? element : null;
        }}
        multiline
        id={id}
        label={label}
        description={description}
        rows={rows}
        spellCheck={false}
        wrap="off"
        className="code"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={messages.length > 0 || undefined}
      />
    </div>
  );
}
