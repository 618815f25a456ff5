// What the validator of BSI and OASIS finds in our CSAF: the schema and every test that the standard calls mandatory or
// optional. Each line of standard input is a format, a tab and a path. The answer is a line too: the path, the number of
// products with a status, and the first error, which is empty where it took it. Words of optional tests follow it.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import * as mandatory from '@secvisogram/csaf-validator-lib/mandatoryTests.js'
import * as optional from '@secvisogram/csaf-validator-lib/optionalTests.js'
import { csaf_2_0_strict } from '@secvisogram/csaf-validator-lib/schemaTests.js'

for await (const line of createInterface({ input: process.stdin })) {
  const path = line.split('\t')[1]
  const document = JSON.parse(readFileSync(path, 'utf8'))
  let count = 0
  for (const one of document.vulnerabilities ?? [])
    for (const products of Object.values(one.product_status ?? {})) count += products.length
  const errors = []
  const warnings = new Set()
  for (const test of [csaf_2_0_strict, ...Object.values(mandatory)]) {
    const found = await test(document)
    for (const error of found.errors ?? []) errors.push(`${test.name} ${error.instancePath} ${error.message}`)
  }
  for (const test of Object.values(optional)) {
    const found = await test(document)
    for (const one of found.warnings ?? []) warnings.add(`${test.name} ${one.message}`)
  }
  console.log([path, count, errors[0] ?? '', ...warnings].join('\t').replaceAll('\n', ' '))
}
