import { endpoint } from '../endpoints/endpoint.ts'
import { ReconcileAnswer } from './answer.ts'
import { ReconcileQuestion } from './question.ts'

/** A month of a large organization by line item, project and key. */
const REPORT_BYTES_MAX = 32 * 1024 * 1024

export const reconcileCosts = endpoint({
  operation: 'reconcile_costs',
  method: 'POST',
  path: '/v1/finops/reconcile',
  input: ReconcileQuestion,
  answer: ReconcileAnswer,
  permission: 'read',
  family: 'Reconciliation',
  formats: { csv: 'text/csv' },
  bodyBytesMax: REPORT_BYTES_MAX,
  summary: 'What is posted here beside what the provider says it billed',
  description:
    'By day of UTC, model and meter, to the cent: matched, drift, ours only and theirs only, each with the calls behind it and the probable reason. Send the pages of the provider as they are. Nothing is changed by it.',
  example: {
    input: {
      organization_id: 'org_789',
      pages: [
        {
          object: 'page',
          data: [
            {
              object: 'bucket',
              start_time: 1_763_596_800,
              end_time: 1_763_683_200,
              results: [
                {
                  object: 'organization.costs.result',
                  amount: { value: 0.06, currency: 'usd' },
                  line_item: 'gpt-4o-2024-08-06, input',
                  project_id: 'proj_abc',
                },
              ],
            },
          ],
          has_more: false,
          next_page: null,
        },
      ],
    },
  },
})

export const RECONCILIATION = [reconcileCosts] as const
