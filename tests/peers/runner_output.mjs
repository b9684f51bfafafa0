// The contract of BenchmarkRunnerOutput in zod, the library it is written in at LLM-Test-Bench.
// Written by hand from what is known of the format: no package on npm ships it. Every object is
// strict here, where the original drops unknown keys in silence.
//
//   node runner_output.mjs FILE...     prints one JSON line for each file: [] or its issues

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// zod is installed beside the working directory, not beside this file.
const { z } = createRequire(`${process.cwd()}/`)("zod");

const text = z.string();
const amount = z.number().nonnegative();
const share = amount.max(1);
const moment = z.string().datetime();

const fields = (kind, names) => Object.fromEntries(names.split(" ").map((name) => [name, kind]));
const object = (shape) => z.object(shape).strict();
const optional = (shape) =>
  Object.fromEntries(Object.entries(shape).map(([name, kind]) => [name, kind.optional()]));

const model = fields(text, "provider_name model_id");
const period = fields(moment, "started_at completed_at");

const result = object({
  ...model,
  ...period,
  ...fields(text, "test_id"),
  ...optional(fields(text, "error_message response_content finish_reason")),
  iteration: amount,
  success: z.boolean(),
  latency: object({
    total_ms: amount,
    ...optional(fields(amount, "time_to_first_token_ms tokens_per_second")),
  }),
  ...optional({
    token_usage: object(fields(amount, "prompt_tokens completion_tokens total_tokens")),
    cost: object(fields(amount, "input_cost_usd output_cost_usd total_cost_usd")),
  }),
});

const statistics = object({
  ...model,
  ...fields(amount, "total_executions successful_executions failed_executions"),
  success_rate: share,
  ...fields(
    amount,
    ["p50", "p95", "p99", "mean", "min", "max", "stddev"].map((q) => `latency_${q}_ms`).join(" "),
  ),
  ...fields(amount, "total_tokens avg_tokens_per_request total_cost_usd"),
  ...fields(amount, "avg_cost_per_request_usd"),
  ...optional(fields(amount, "avg_tokens_per_second")),
});

const run = object({
  execution_id: z.string().uuid(),
  ...fields(text, "suite_id suite_name"),
  ...period,
  ...fields(amount, "total_duration_ms total_tests total_executions"),
  ...fields(amount, "successful_executions failed_executions"),
  results: z.array(result),
  aggregated_stats: z.array(statistics),
  execution_config: object({
    concurrency: z.number().positive().max(100),
    warm_up_runs: amount,
    iterations_per_test: z.number().positive(),
    max_duration_ms: z.number().positive().optional(),
    ...fields(z.boolean(), "save_responses fail_fast"),
  }),
  providers_tested: z.array(object(model)),
});

for (const file of process.argv.slice(2)) {
  const read = run.safeParse(JSON.parse(readFileSync(file, "utf8")));
  console.log(JSON.stringify(read.success ? [] : read.error.issues));
}
