-- Asks for the addresses of a file in their order, from a place on, and tells how it went as a line of JSON.
-- A line of the file is a path, or a path, a tab and the value of If-None-Match.

local asked, at = {}, 0

function init(arguments)
  at = tonumber(arguments[2])
  for line in io.lines(arguments[1]) do
    local path, tag = line:match("^([^\t]*)\t(.*)$")
    table.insert(asked, wrk.format("GET", path or line, tag and {["If-None-Match"] = tag} or nil))
  end
end

function request()
  at = at + 1
  return asked[(at - 1) % #asked + 1]
end

function done(summary, latency)
  local faults = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"bytes":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    faults.status, faults.connect + faults.read + faults.write + faults.timeout
  ))
end
