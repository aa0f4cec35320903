import { describe, expect, it } from 'vitest';
import { chosenTests } from '../lib/chosen-tests.mjs';

describe('npm test with arguments', () => {
  it('hands them to Vitest, a package by its folder', () => {
    expect(chosenTests(['@raftkv/core', '-t', 'a title'])).toEqual(['packages/raft-core/', '-t', 'a title']);
  });

  it('has the report written beside a reporter of the own choice', () => {
    expect(chosenTests(['--reporter=verbose'])).toEqual(['--reporter=verbose', '--reporter=json']);
  });
});
