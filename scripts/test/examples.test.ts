import { expect, it } from 'vitest';
import { examplesOf } from './support/examples.ts';

const DOCUMENT = `
\`\`\`js
console.log(1);
\`\`\`

It prints

\`\`\`
1
\`\`\`

\`\`\`sh
npm install
\`\`\`

\`\`\`cjs
console.log(2);
\`\`\`

It prints nothing that is said here.

\`\`\`
3
\`\`\`

\`\`\`ts
const four: number = 4;
\`\`\`
`;

it('finds each example of a document, and what it is said to print', () => {
  expect(examplesOf(DOCUMENT)).toEqual([
    { language: 'js', code: 'console.log(1);\n', printed: '1\n' },
    { language: 'cjs', code: 'console.log(2);\n', printed: null },
    { language: 'ts', code: 'const four: number = 4;\n', printed: null },
  ]);
});
