const zone = 'Europe/Oslo';

interface Wall {
  date: string;
  time: string;
}

/** The date and time of day that a Norwegian clock shows at an instant, as form fields take them. */
export function osloWall(at: Date): Wall {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
  return {
    date: `${part('year')}-${part('month')}-${part('day')}`,
    time: `${part('hour')}:${part('minute')}`,
  };
}

/**
 * The instant of a Norwegian wall-clock time, or undefined if the fields are no date. In the hour
 * that is skipped in spring the instant after the change is taken; in the hour that comes twice in
 * autumn, the first.
 */
export function osloInstant(date: string, time: string): Date | undefined {
  const asUtc = Date.parse(`${date}T${time || '12:00'}:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(asUtc)) return undefined;
  const candidates = [2, 1].map((hours) => new Date(asUtc - hours * 3_600_000));
  const match = candidates.find((at) => {
    const wall = osloWall(at);
    return wall.date === date && wall.time === (time || '12:00');
  });
  return match ?? candidates[1];
}
