-- SPDX-License-Identifier: Apache-2.0
-- The load of the demo, for wrk: orders of all kinds of items, and what went wrong with them.

local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

function init()
   math.randomseed(1)
   refused = 0
end

function request()
   local body = string.format('{"customer":"wrk","item":%d,"quantity":%d}', math.random(30000), math.random(3))
   return wrk.format("POST", "/orders", { ["Content-Type"] = "application/json" }, body)
end

function response(status)
   if status ~= 201 then
      refused = refused + 1
   end
end

function done(summary, latency)
   local refused = 0
   for _, thread in ipairs(threads) do
      refused = refused + thread:get("refused")
   end
   local errors = summary.errors
   local lost = errors.connect + errors.read + errors.write + errors.timeout
   io.write(string.format("%d orders; half of them took up to %.0f ms, one in twenty more than %.0f ms\n",
      summary.requests - refused, latency:percentile(50) / 1000, latency:percentile(95) / 1000))
   if refused + lost > 0 or summary.requests == 0 then
      io.write(string.format("%d refused, %d without an answer\n", refused, lost))
      os.exit(1)
   end
end
