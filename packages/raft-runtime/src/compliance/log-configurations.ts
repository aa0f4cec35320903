/** What a log has to do with the configurations in it (R21, R31). */

import {
  logIndex,
  nodeId,
  term,
  type Configuration,
  type ConfigurationEntry,
  type IndexedConfiguration,
  type Member,
} from '@raftkv/core';
import { assertEqual } from './assert.ts';
import { CONFIGURATION, entries, entriesOf, hardState, PEER, SELF, type LogMedium } from './log-medium.ts';

/** Each by its name. */
export const CONFIGURATION_RULES: readonly (readonly [string, (medium: LogMedium) => Promise<void>])[] = [
  [
    'configurations are told with their indexes, also those of entries that the record does not hold',
    tellsConfigurations,
  ],
  ['a truncation takes back the configurations of the entries that it removes', truncatesConfigurations],
];

const SELF_MEMBER: Member = { id: SELF, data: new Uint8Array(0) };
const PEER_MEMBER: Member = { id: PEER, data: Uint8Array.of(1) };
const NEWCOMER: Member = { id: nodeId('new'), data: Uint8Array.of(2, 2) };
const WITH_LEARNER: Configuration = {
  kind: 'simple',
  voters: [SELF_MEMBER, PEER_MEMBER],
  learners: [NEWCOMER],
  removed: [],
};
const JOINT: Configuration = {
  kind: 'joint',
  incoming: [SELF_MEMBER, NEWCOMER],
  outgoing: [SELF_MEMBER, PEER_MEMBER],
  learners: [],
  removed: [PEER],
};
const WITHOUT_PEER: Configuration = {
  kind: 'simple',
  voters: [SELF_MEMBER, NEWCOMER],
  learners: [],
  removed: [PEER],
};

async function tellsConfigurations(medium: LogMedium): Promise<void> {
  const count = medium.tailEntriesMax + 10;
  await medium.open();
  const [second, joint] = [configurationEntry(2, 1, WITH_LEARNER), configurationEntry(3, 1, JOINT)];
  await medium.write({
    hardState: hardState(1, 0),
    entries: [...entriesOf(1, 1, 1), second, joint, ...entriesOf(1, 4, count)],
  });
  const last = configurationEntry(count + 1, 1, WITHOUT_PEER);
  await medium.write({ entries: [last] });
  for (const restart of ['first', 'second']) {
    const { record } = await medium.open();
    assertEqual(record.configurations, [second, joint, last].map(indexed), `after the ${restart} restart`);
    assertEqual(record.base.configuration, CONFIGURATION, 'the first configuration');
  }
  for (const entry of [second, joint, last]) {
    assertEqual(await medium.read(entry.index, entry.index, 1), [entry], `entry ${entry.index}`);
  }
}

async function truncatesConfigurations(medium: LogMedium): Promise<void> {
  await medium.open();
  const [first, second] = [configurationEntry(1, 1, WITH_LEARNER), configurationEntry(3, 1, JOINT)];
  await medium.write({ hardState: hardState(1, 0), entries: [first, ...entriesOf(1, 2, 2), second] });
  await medium.write({ hardState: hardState(2, 0), truncateFrom: logIndex(3), entries: entries('3@2') });
  assertEqual((await medium.open()).record.configurations, [indexed(first)], 'the second taken back');
  const other = configurationEntry(1, 3, WITHOUT_PEER);
  await medium.write({ hardState: hardState(3, 0), truncateFrom: logIndex(1), entries: [other] });
  assertEqual((await medium.open()).record.configurations, [indexed(other)], 'another in place of the first');
  await medium.write({ truncateFrom: logIndex(1) });
  assertEqual((await medium.open()).record.configurations, [], 'the emptied log');
}

function configurationEntry(index: number, inTerm: number, configuration: Configuration): ConfigurationEntry {
  return {
    index: logIndex(index),
    term: term(inTerm),
    kind: 'configuration',
    data: new Uint8Array(0),
    configuration,
  };
}

function indexed({ index, configuration }: ConfigurationEntry): IndexedConfiguration {
  return { index, configuration };
}
