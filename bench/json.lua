--- Reading the update's answer, against lua-cjson.

local cjson = require "cjson"
local core = require "patchbay.core"
local example = require "bench.example"
local measure = require "bench.measure"

local answer = example.answer
local seconds = measure.seconds {
  function() cjson.decode(answer) end,
  function() core.json.decode(answer) end,
  function() core.json.check(answer) end,
}
measure.row("read the answer into a table / cjson.decode", seconds[2] / seconds[1], 1.0)
measure.row("check the answer / cjson.decode", seconds[3] / seconds[1], 1 / 3)
