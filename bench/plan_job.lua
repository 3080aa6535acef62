--- The work of which bench/plan.lua counts the instructions or measures the memory, in a process of its own:
-- a plan that changes every one of `count` numbers, known by a listing.
--
--   plan_job.lua kind count

local patchbay = require "patchbay"

local kind, count = ...
count = tonumber(count)

local PAGE = 1000
local ROUTE = "CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe"

local ENTRY = [[{"Number":"+1801%07d","Tnid":null,"OrderId":"JNOID-9ac74103","NumberType":"Mobile",]]
  .. [["Status":"Active","MessageType":"p2p","MessageEnabled":true,"Classification":"MVNO",]]
  .. [["VoiceEnabled":"false","MessageRouteId":"MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee",]]
  .. [["VoiceRouteId":"CRID-509de94f-79cc-429b-a317-2102654dabbb","Iccid":"8901240397190557414F",]]
  .. [["ProductType":"Data-Only","Cnam":"JOHN DOE"}]]

local function page(number)
  local entries = {}
  for i = (number - 1) * PAGE + 1, math.min(count, number * PAGE) do
    entries[#entries + 1] = ENTRY:format(i)
  end
  return ('{"TotalResults":%d,"PhoneNumbers":[%s]}'):format(count, table.concat(entries, ","))
end

local transport = {}

function transport.send(_, request)
  local number, one = request.url:match "PageNumber=(%d+)", request.url:match "Number=%%2B1801(%d+)"
  local body = number and page(tonumber(number)) or ENTRY:format(tonumber(one))
  return { status = 200, headers = {}, body = body }
end

function transport.sleep() end
function transport.now() return 1746187200 end

local client = patchbay.telegent { token = "token", transport = transport }

local function desired()
  local records = {}
  for i = 1, count do
    records[("+1801%07d"):format(i)] = { VoiceEnabled = true, VoiceRouteId = ROUTE }
  end
  return { ["telegent.numbers"] = records }
end

local function planned(given)
  return assert(patchbay.plan({ telegent = client }, given, { blast = false }))
end

local kinds = {}

function kinds.plan()
  local plan = planned(desired())
  assert(#plan.changes == count)
end

--- The same numbers listed, and nothing done with them.
function kinds.list()
  desired()
  local seen = 0
  for _ in client.numbers:list() do seen = seen + 1 end
  assert(seen == count)
end

--- Prints the bytes that a plan holds for each changed record.
function kinds.memory()
  local function bytes()
    collectgarbage()
    collectgarbage()
    return collectgarbage "count" * 1024
  end
  planned { ["telegent.numbers"] = { ["+18010000001"] = { VoiceEnabled = true } } }
  local given = desired()
  local before = bytes()
  local plan = planned(given)
  assert(#plan.changes == count)
  print((bytes() - before) / count)
end

kinds[kind]()
