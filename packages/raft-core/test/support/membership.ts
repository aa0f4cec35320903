/** Configurations in one line, and changes of them. */

import {
  configurationIndexOf,
  configurationOf,
  logIndex,
  nodeId,
  ref,
  term,
  type Configuration,
  type ConfigurationEntry,
  type Input,
  type Member,
  type NodeState,
} from '../../src/index.ts';

/** `a b c`; none where empty. */
export function members(names: string): readonly Member[] {
  const ids = names.split(' ').filter((name) => name !== '');
  return ids.map((id) => ({ id: nodeId(id), data: new Uint8Array(0) }));
}

/** `a b c`, `a b c, learner d`, `a b d from a b c`, each with `, removed c` where some are. */
export function configured(text: string): Configuration {
  const [voters = '', ...rest] = text.split(', ');
  const listed = (word: string) =>
    rest.find((part) => part.startsWith(`${word} `))?.slice(word.length + 1) ?? '';
  const learners = members(listed('learner'));
  const removed = members(listed('removed')).map(({ id }) => id);
  const [incoming = '', outgoing] = voters.split(' from ');
  if (outgoing === undefined) return { kind: 'simple', voters: members(incoming), learners, removed };
  return { kind: 'joint', incoming: members(incoming), outgoing: members(outgoing), learners, removed };
}

/** What `configured` reads. */
export function words(configuration: Configuration): string {
  const { learners, removed } = configuration;
  const voters =
    configuration.kind === 'simple'
      ? namesOf(configuration.voters)
      : `${namesOf(configuration.incoming)} from ${namesOf(configuration.outgoing)}`;
  const learning = learners.length === 0 ? '' : `, learner ${namesOf(learners)}`;
  return `${voters}${learning}${removed.length === 0 ? '' : `, removed ${removed.join(' ')}`}`;
}

/** The configuration in force, with its index: `a b c @0`. */
export function inForce(state: NodeState): string {
  return `${words(configurationOf(state))} @${configurationIndexOf(state)}`;
}

/** Asks for `voters`, and `learners`. */
export function change(
  number: number,
  voters: string,
  learners = '',
  more: { readonly force?: boolean; readonly ifIndex?: number } = {},
): Extract<Input, { kind: 'changeMembership' }> {
  const { force = false, ifIndex = null } = more;
  return {
    kind: 'changeMembership',
    ref: ref(number),
    targets: { voters: members(voters), learners: members(learners) },
    ifIndex: ifIndex === null ? null : logIndex(ifIndex),
    force,
  };
}

/** The entry `index@term` with this configuration. */
export function configurationEntry(index: number, inTerm: number, text: string): ConfigurationEntry {
  return {
    index: logIndex(index),
    term: term(inTerm),
    kind: 'configuration',
    data: new Uint8Array(0),
    configuration: configured(text),
  };
}

function namesOf(list: readonly Member[]): string {
  return list.map(({ id }) => id).join(' ');
}
