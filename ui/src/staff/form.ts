import { ApiError } from '../api/client';
import type { FieldError } from '../shared/errors';

/** The id of a form's input for the JSON pointer of a problem: `/organisation/email`. */
export function fieldId(form: string, pointer: string): string {
  return [form, ...pointer.split(/[/.]/).filter(Boolean)].join('-');
}

/** What the server found wrong, field by field, for the form with that prefix. */
export function fieldErrors(form: string, error: unknown): FieldError[] {
  if (!(error instanceof ApiError)) return [];
  const errors = error.problem?.errors ?? [];
  const lines = errors.filter(({ field }) => field.startsWith(linePointer));
  const whole = errors.find(({ field }) => !field.startsWith(linePointer));
  if (!whole || lines.length === 0) {
    return errors.map(({ field, message }) => ({ field: fieldId(form, field), message }));
  }
  // What is wrong with a file is told line by line, at the field that holds the file.
  return lines.map(({ field, message }) => ({
    field: fieldId(form, whole.field),
    message: `${field.slice(linePointer.length)}: ${message}`,
  }));
}

const linePointer = '/line/';

/** The line that a message about a file begins with: `12: …`. */
export function lineOf(message: string): number | undefined {
  const line = /^(\d+): /.exec(message)?.[1];
  return line ? Number(line) : undefined;
}

/** Where a line begins in a text; lines count from 1. */
export function offsetOfLine(text: string, line: number): number {
  let at = 0;
  for (let n = 1; n < line; n++) {
    const next = text.indexOf('\n', at);
    if (next < 0) return text.length;
    at = next + 1;
  }
  return at;
}

/** A value for a body, left out when there is nothing in it. */
export function filled<K extends string>(key: K, value: string): { [P in K]?: string } {
  const trimmed = value.trim();
  return (trimmed ? { [key]: trimmed } : {}) as { [P in K]?: string };
}
