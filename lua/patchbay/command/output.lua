local patchbay = require "patchbay"
local output = {}
function output.record(context, target, record, arguments)
  if arguments.output == "json" or arguments.output == "jsonl" then
    context.out(patchbay.json.encode(record) .. "\n")
  else
    for name, value in patchbay.pairs(record) do context.out(("%s  %s\n"):format(name, tostring(value))) end
  end
end
return output
