"""A client of the agent wallet family in plain Python, and a day in the life of a fleet that uses it.

It sends what the documented client sends and reads answers the way Python does: float(), format specs, f-strings and .get() with defaults raise
here wherever a field has a type they do not take. Only the standard library is needed.

    python3 agent-wallets.py ADDRESS KEY     prints what the fleet saw, one line each
"""

import json
import sys
import urllib.error
import urllib.request


class BudgetExhausted(Exception):
    pass


class Refused(Exception):
    def __init__(self, status, text):
        super().__init__(f"{status}: {text}")
        self.status = status


class Agent:
    def __init__(self, key, agent_id, address):
        self.key, self.agent_id, self.address = key, agent_id, address

    def use(self, tool, given):
        request = urllib.request.Request(
            f"{self.address}/v1",
            data=json.dumps({"tool": tool, "input": given}).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            text = refusal.read().decode()
            if refusal.code == 402:
                raise BudgetExhausted(f"Agent {self.agent_id} has exceeded its budget cap. Response: {text}") from None
            raise Refused(refusal.code, text) from None

    def mine(self, tool, **given):
        return self.use(tool, {"agent_id": self.agent_id, **given})

    def deposit(self, amount):
        return self.use("deposit", {"amount": str(amount)})

    def cap(self, daily, monthly=None):
        limits = {"daily_limit": str(daily)}
        if monthly is not None:
            limits["monthly_limit"] = str(monthly)
        return self.mine("set_budget_cap", **limits)

    def status(self):
        return self.mine("get_budget_status")

    def balance(self):
        return self.use("get_balance", {})

    def estimate(self, tool, parameters):
        return self.use("estimate_cost", {"tool": tool, "parameters": parameters})


def wallets(agent):
    wallet = agent.use("create_wallet", {})
    agent.deposit(100.00)
    agent.deposit(7.1 - 2.3)
    agent.deposit(0.00001)
    print(f"wallet {wallet['wallet_id']} balance ${agent.balance()['balance']} or {float(agent.balance().get('balance', 0)):.2f}")


def caps(agent):
    agent.cap(daily=25.00, monthly=500.00)
    status = agent.status()
    print(f"limits ${status['daily_limit']} ${status['monthly_limit']} spent ${status['spent_today']} ${status['spent_this_month']}")
    remaining = float(status.get("daily_limit", 0)) - float(status.get("spent_today", 0))
    cost = float(agent.estimate("search_services", {"query": "document summarization"}).get("estimated_cost", 0))
    print(f"search costs ~${cost:.4f}, daily remaining=${remaining:.2f}, affordable={cost <= remaining}")
    unknown = float(agent.estimate("inference_of_nobody", {"task_type": "x"}).get("estimated_cost", float("inf")))
    print(f"unknown costs {unknown}")


def stopped_at(agent):
    for i in range(100):
        try:
            agent.use("search_services", {"query": f"topic-{i}"})
        except BudgetExhausted as stop:
            return i, "used up" in str(stop)
    return None


def reports(agent, today):
    spend = agent.mine("get_spending_by_category", start_date=today, end_date=today)
    for line in spend.get("categories", []):
        print(f"  {line['category']:.<30} ${line['total_cost']:>8.2f} ({line['call_count']} calls)")
    summary = agent.mine("get_billing_summary", period="monthly")
    analytics = agent.mine(
        "get_usage_analytics",
        start_date=summary.get("period_start", "2026-04-01"),
        end_date=summary.get("period_end", "2026-04-30"),
    )
    cost, revenue = float(summary.get("total_cost", 0)), float(analytics.get("revenue_earned", 0))
    print(f"Revenue=${round(revenue, 2)}, Cost=${round(cost, 2)}, Profit=${round(revenue - cost, 2)}, {summary.get('total_calls', 0)} calls")
    print(f"Week: ${float(analytics.get('total_cost', 0)):.2f} ({analytics.get('total_calls', 0)} calls)")
    discount = agent.mine("get_volume_discount")
    print(f"Tier {discount.get('current_tier')} {discount.get('discount_pct')}% of ${discount.get('monthly_volume')}, next ${discount.get('next_tier_threshold')}")


def fleet(agent):
    board = agent.use("get_agent_leaderboard", {"metric": "cost_efficiency"})
    for rank, entry in enumerate(board.get("agents", []), 1):
        print(f"{rank:<6}{entry['agent_id']:<25}{entry.get('efficiency_score', 'N/A'):<15}${float(entry.get('total_spend', 0)):<14.2f}".rstrip())
    stats = agent.use("get_platform_stats", {})
    print(f"{stats.get('active_agents')} agents | ${stats.get('total_spend_mtd')} MTD | {stats.get('budget_utilization_pct')}% budget used | {stats.get('agents_over_budget', 0)} over")


def webhooks(agent):
    hooks = [
        agent.mine("register_webhook", url=f"https://your-app.example.com/alerts/{percent}", events=["budget.threshold"], config={"threshold_pct": percent})
        for percent in (75, 90, 100)
    ]
    agent.use("update_webhook", {"webhook_id": hooks[0]["webhook_id"], "config": {"threshold_pct": 60}})
    for hook in agent.mine("list_webhooks").get("webhooks", []):
        print(f"  {hook['url']} | {hook['events']} | {hook.get('config', {})}")
    for entry in agent.use("get_webhook_logs", {"webhook_id": hooks[0]["webhook_id"], "limit": 20}).get("logs", []):
        print(f"  {entry['timestamp']} {entry['delivery_status']} HTTP {entry.get('response_code', 'N/A')}")
    for hook in hooks:
        agent.use("delete_webhook", {"webhook_id": hook["webhook_id"]})
    print(f"webhooks left: {len(agent.mine('list_webhooks').get('webhooks', []))}")


def keys(agent):
    made = agent.mine("create_api_key", label="production")
    limited = agent.mine("create_api_key", label="limited", permissions=["search_services", "get_balance", "get_budget_status"])
    key = limited.get("api_key")
    print(f"Key value: {key[:7]}... permissions: {limited.get('permissions')}")
    own = Agent(made["api_key"], agent.agent_id, agent.address)
    print(f"stopped at {stopped_at(own)}")
    rotated = agent.mine("rotate_api_key", key_id=made["key_id"])
    print(f"rotation {rotated.get('status')}; spent today ${agent.status().get('spent_today')}")
    print(f"the old key still works for its grace: {Agent(made['api_key'], agent.agent_id, agent.address).status()['agent_id']}")


def main():
    address, key, today = f"{sys.argv[1]}/v1", sys.argv[2], sys.argv[3]
    agent = Agent(key, "researcher-01", address)
    wallets(agent)
    caps(agent)
    webhooks(agent)
    agent.cap(daily=1.05)
    keys(agent)
    reports(agent, today)
    fleet(agent)
    try:
        agent.use("convert_currency", {"amount": str(85.50), "from_currency": "EUR", "to_currency": "USD"})
    except Refused as refusal:
        print(f"no rate, no conversion: {refusal.status}")


main()
