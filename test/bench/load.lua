-- For wrk: the bodies of a file, one a line, in turn, and a line of JSON at the end.
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
local token = os.getenv("BENCH_TOKEN")
if token ~= "" then wrk.headers["authorization"] = "Bearer " .. token end

local requests = {}
local turn = 0

init = function()
  for body in io.lines(os.getenv("BENCH_BODIES")) do
    requests[#requests + 1] = wrk.format(nil, nil, nil, body)
  end
end

request = function()
  turn = turn % #requests + 1
  return requests[turn]
end

done = function(summary, latency)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
  io.write(string.format('RESULT {"requests":%d,"seconds":%.3f,"p50Ms":%.3f,"p99Ms":%.3f,"failed":%d,"bytes":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failed, summary.bytes))
end
