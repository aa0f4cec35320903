/** The command of an external load tool, with places for what it is told. */

import { InvalidArgumentError } from 'commander';
import type { Settings } from '../load/settings.ts';

/** Program and arguments. */
export type Template = readonly [string, ...string[]];

const PLACES = ['endpoints', 'clients', 'conns', 'val-size', 'key-space-size', 'total', 'rate'] as const;
type Place = (typeof PLACES)[number];

/** What etcd's benchmark tool takes for as many as there can be. */
const NO_RATE = 0;

/** @param text is split where spaces are. */
export function templateFrom(text: string): Template {
  const [program, ...args] = text.trim().split(/\s+/);
  if (program === undefined || program === '') throw new InvalidArgumentError('It is a command.');
  for (const [, name = ''] of text.matchAll(/\{([^{}]*)\}/g)) {
    if (!isPlace(name)) throw new InvalidArgumentError(`There is no {${name}}: there are ${listed()}.`);
  }
  if (!text.includes('{endpoints}')) throw new InvalidArgumentError('It has no {endpoints}.');
  return [program, ...args];
}

/** @param endpoints `host:port` of each node. */
export function filledIn(template: Template, endpoints: readonly string[], settings: Settings): Template {
  const values: Record<Place, string> = {
    endpoints: endpoints.join(','),
    clients: String(settings.clients),
    conns: String(settings.conns),
    'val-size': String(settings.valSize),
    'key-space-size': String(settings.keySpaceSize),
    total: String(settings.total),
    rate: String(settings.rate ?? NO_RATE),
  };
  const fill = (part: string): string =>
    part.replaceAll(/\{([^{}]*)\}/g, (whole, name: string) => (isPlace(name) ? values[name] : whole));
  const [program, ...args] = template;
  return [program, ...args.map(fill)];
}

function isPlace(name: string): name is Place {
  return PLACES.some((place) => place === name);
}

function listed(): string {
  return PLACES.map((place) => `{${place}}`).join(' ');
}
