--- Decoding the response of the update, compared with lua-cjson.

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
measure.row("decode the response into a table / cjson.decode", seconds[2] / seconds[1], 1.0)
measure.row("check the response / cjson.decode", seconds[3] / seconds[1], 1 / 3)
