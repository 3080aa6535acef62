--- A plan that changes two fields of every number of a large account, known by one listing: the instructions
-- of a number, beyond reading the list, against an update of one within patchbay.each (both counted by
-- callgrind); and the memory that a changed number takes.

local measure = require "bench.measure"
local programs = require "bench.programs"
local server = require "spec.support.server"
local system = require "spec.support.system"

-- The difference between a short run and a long one counts, which leaves out the work that is done once.
local FEW, MANY = 1000, 3000
local HELD = 100000
local MOST_BYTES = 2000

local NUMBER = [[{"Number":"$KEY","Tnid":null,"UpdateOrderStatus":"Complete","MessageType":"p2p",]]
  .. [["MessageEnabled":true,"Classification":"MVNO","VoiceEnabled":true,]]
  .. [["VoiceRouteId":"CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe","Iccid":"8901240397190557414F",]]
  .. [["CnamFirstName":"John","CnamLastName":"Doe","ProductType":"Data-Only"}]]

local function per_record(words)
  local function count(records)
    local all = { programs.lua }
    for i, word in ipairs(words) do all[i + 1] = word == "COUNT" and records or word end
    return programs.instructions(all)
  end
  return (count(MANY) - count(FEW)) / (MANY - FEW)
end

local function main()
  local nginx = server.nginx { http = "keepalive_requests 1000000000; keepalive_timeout 600s;", conf = ([[
    server { listen 127.0.0.1:$PORT; location / { content_by_lua_block {
      ngx.req.read_body()
      local response = ([=[%s]=]):gsub("$KEY", ngx.req.get_body_data():match '"Number":"([^"]*)"')
      ngx.header["Content-Type"], ngx.header["Content-Length"] = "application/json", #response
      ngx.print(response)
    } } }]]):format(NUMBER) }
  local listed = per_record { "bench/plan_job.lua", "list", "COUNT" }
  local planned = per_record { "bench/plan_job.lua", "plan", "COUNT" }
  local updated = per_record { "bench/instructions_job.lua", nginx:url "", "number", "COUNT", 16 }
  measure.row("a number of a plan, beyond the list / an update in each", (planned - listed) / updated, 1)
  measure.row("  instructions of the list, with the vendor's part", listed, nil, "%.0f")
  measure.row("  of the plan beyond it", planned - listed, nil, "%.0f")
  measure.row("  of an update", updated, nil, "%.0f")
  local bytes = tonumber(system.line(('"$lua" bench/plan_job.lua memory %d'):format(HELD)))
  measure.row("bytes of a changed number with two fields", bytes, MOST_BYTES, "%.0f")
end

local ok, err = xpcall(main, debug.traceback)
server.stop_all()
if not ok then error(err, 0) end
