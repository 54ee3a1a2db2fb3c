const place = (id) => document.getElementById(id)

function figure(title, value) {
  const group = document.createElement('div')
  const name = document.createElement('dt')
  const figureValue = document.createElement('dd')
  name.textContent = title
  figureValue.textContent = value
  group.append(name, figureValue)
  place('figures').append(group)
}

function fill(id, lines) {
  for (const [name, { calls, cost }] of Object.entries(lines)) {
    const row = place(id).tBodies[0].insertRow()
    for (const text of [name, calls.toLocaleString('en'), known(cost, (amount) => amount.toFixed(4))]) row.insertCell().textContent = text
  }
}

/** What nobody knows is said to be so: a server answers null for it. */
function known(value, written) {
  return value === null ? 'not known' : written(value)
}

async function read(path) {
  const answer = await fetch(path, { headers: { accept: 'application/json' } })
  if (!answer.ok) throw new Error((await answer.json()).detail)
  return answer.json()
}

async function show() {
  const about = await read('/actuator/info')
  place('about').textContent = `Version ${about.version}, running since ${about.started_at.slice(0, 16).replace('T', ' ')} UTC.`
  const { summary, top_agents, top_models } = await read('/v1/finops/dashboard/overview?period=30d')
  figure(
    'spent in 30 days',
    known(summary.total_cost_usd, (cost) => `$${cost.toFixed(4)}`),
  )
  figure('calls', summary.total_calls.toLocaleString('en'))
  figure(
    'tokens',
    known(summary.total_tokens, (tokens) => tokens.toLocaleString('en')),
  )
  figure('calls without a known price', summary.unpriced_calls.toLocaleString('en'))
  fill('agents', top_agents)
  fill('models', top_models)
  if (summary.total_calls === 0) place('message').textContent = 'No calls in the last 30 days.'
}

place('example').textContent = [
  `curl -X POST ${location.origin}/v1/finops/calls/track \\`,
  "  -H 'content-type: application/json' \\",
  `  -d '{"agent_name":"DataAnalyzer","model":"gpt-4o","input_tokens":1000,"output_tokens":500}'`,
].join('\n')

show().catch((error) => {
  place('message').textContent = `The figures cannot be shown here: ${error.message}`
})
