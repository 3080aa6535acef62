--- The counts of meter.lua in Prometheus' text format, version 0.0.4.
-- https://prometheus.io/docs/instrumenting/exposition_formats/

local FAMILIES = {
  { "calls", "patchbay_call_duration_seconds", "histogram",
    "Seconds from the beginning of a call to its result, with its retries and waits." },
  { "requests", "patchbay_request_duration_seconds", "histogram",
    "Seconds from sending a request to its response or failure." },
  { "retries", "patchbay_retries_total", "counter", "Requests that repeated a failed one." },
}

local escapes = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n" }

-- The labels of a series, without the braces.
local function labels_of(series)
  local labels = {}
  for _, name in ipairs { "vendor", "collection", "operation", "outcome", "worker" } do
    local value = series[name]
    if value ~= nil then
      labels[#labels + 1] = ('%s="%s"'):format(name, (tostring(value):gsub('[\\"\n]', escapes)))
    end
  end
  return table.concat(labels, ",")
end

local function add_histogram(lines, name, series)
  local labels = labels_of(series)
  for _, bucket in ipairs(series.buckets) do
    lines[#lines + 1] = ('%s_bucket{%s,le="%.14g"} %.14g'):format(name, labels, bucket.le, bucket.count)
  end
  lines[#lines + 1] = ('%s_bucket{%s,le="+Inf"} %.14g'):format(name, labels, series.count)
  lines[#lines + 1] = ("%s_sum{%s} %.14g"):format(name, labels, series.seconds)
  lines[#lines + 1] = ("%s_count{%s} %.14g"):format(name, labels, series.count)
end

--- The text of `counts`, as meter.read() returns them; "" where nothing was counted.
return function(counts)
  local lines = {}
  for _, family in ipairs(FAMILIES) do
    local key, name, kind, help = family[1], family[2], family[3], family[4]
    if #counts[key] > 0 then
      lines[#lines + 1] = ("# HELP %s %s"):format(name, help)
      lines[#lines + 1] = ("# TYPE %s %s"):format(name, kind)
      for _, series in ipairs(counts[key]) do
        if kind == "histogram" then
          add_histogram(lines, name, series)
        else
          lines[#lines + 1] = ("%s{%s} %.14g"):format(name, labels_of(series), series.count)
        end
      end
    end
  end
  if #lines == 0 then return "" end
  return table.concat(lines, "\n") .. "\n"
end
