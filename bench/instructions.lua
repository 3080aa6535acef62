--- Instructions of one update within patchbay.each, 16 at once, against a bare program on libcurl's multi
-- interface that sends the same bytes; and those of loading the module and making a client. Counted by
-- callgrind, so that nothing else on the machine matters but for how often a program has to poll.

local programs = require "bench.programs"
local server = require "spec.support.server"
local system = require "spec.support.system"

local CONCURRENCY = 16
-- The difference between a short run and a long one counts, which leaves out the work that is done once.
local FEW, MANY = 400, 1600

local VOICE = [[{"CallRouteId":"$KEY","AccountId":"AID-ab12345-2725-45a1-bd5e-526ed19799xx",]]
  .. [["RouteName":"Main SIP Trunk","RouteType":"Trunk","VoiceUrl":"https://domain.com",]]
  .. [["VoiceUrlMethod":"GET",]]
  .. [["TrunkIp1":"20.87.87.87","TrunkIp2":"20.87.87.86","TrunkPort1":"5061","TrunkPort2":"5060",]]
  .. [["TrunkTransport1":"UDP","TrunkTransport2":"TCP","TrunkUri1":"https://pstn.joonto.com",]]
  .. [["TrunkUri2":"https://pstn2.joonto.com","TrunkEnabled1":true,"TrunkEnabled2":false,]]
  .. [["Trunk1Priortiy":10,]]
  .. [["Trunk1Weight":10,"Trunk2Priortiy":20,"Trunk2Weight":20,"HeaderManipulation":"HMI8802029",]]
  .. [["EnableSipRefer":true,"TransferCallerId":"Transferee/Transferor","SymmetricRtp":true,]]
  .. [["EnableTrpSecureTrunk":true,"EnablePstnTransfer":true,"CnamLookup":true,]]
  .. [["TerminationUriSubdomain":"client","EnableCallStreaming":true,"WssUri":"wss://192.67.88.2",]]
  .. [["IpWhiteList":[]}]]
local NUMBER = [[{"Number":"$KEY","Tnid":null,]]
  .. [["UpdateOrderId":"JNUOID-9ac74103-bf27-474a-8a1a-9f4ff74af187",]]
  .. [["UpdateOrderDate":"2025-05-14T22:21:08.2813656+00:00","UpdateOrderStatus":"Complete",]]
  .. [["MessageType":"p2p",]]
  .. [["MessageEnabled":true,"Classification":"MVNO","VoiceEnabled":true,]]
  .. [["MessageRouteId":"MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee",]]
  .. [["VoiceRouteId":"CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe","Iccid":"8901240397190557414F",]]
  .. [["CnamFirstName":"John","CnamLastName":"Doe","ProductType":"Data-Only"}]]
local CONVIRZA = [[{"code":200,"message":"Success","data":{"provisioned_route_id":$KEY,]]
  .. [["message":"Route updated successfully"},"request_id":"550e8400-e29b-41d4-a716-446655440000",]]
  .. [["timestamp":"2026-03-27T10:30:00.000Z"}]]

-- Each with the response, where the key of a request stands in it, and a path and a body for the bare
-- program, which changes one record again and again.
local kinds = {
  { "voice", "a voice route", 1.50, response = VOICE, key = [["CallRouteId":"([^"]*)"]],
    path = "/v1.0/voice/routes/update",
    body = '{"CallRouteId":"CRID-509de94f-79cc-429b-a317-000000000001","TrunkIp1":"20.87.87.87",'
      .. '"TrunkEnabled2":false}' },
  { "number", "a number", 1.65, response = NUMBER, key = [["Number":"([^"]*)"]],
    path = "/v1.0/numbers/update", body = '{"Number":"+18010000001","VoiceEnabled":true,'
      .. '"VoiceRouteId":"CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe"}' },
  { "convirza", "a Convirza route", 1.75, response = CONVIRZA, key = "/provisioned%-routes/(%d+)",
    method = "PATCH", path = "/v3/provisioned-routes/100001",
    body = '{"provisioned_route_name":"Updated Route 1","sms_enabled":true}' },
}

local function start()
  local places = {}
  for i, kind in ipairs(kinds) do
    places[i] = ([[
      location %s { content_by_lua_block {
        ngx.req.read_body()
        local key = (ngx.var.uri .. (ngx.req.get_body_data() or "")):match [=[%s]=]
        local response = ([=[%s]=]):gsub("$KEY", key)
        ngx.header["Content-Type"] = "application/json"
        ngx.header["Content-Length"] = #response
        ngx.print(response)
      } }]]):format(kind.path:match "^/[^/]*/[^/]*", kind.key, kind.response)
  end
  return server.nginx {
    http = "keepalive_requests 1000000000; keepalive_timeout 600s;",
    conf = "server { listen 127.0.0.1:$PORT; " .. table.concat(places, "\n") .. " }",
  }
end

local LUA, instructions = programs.lua, programs.instructions

local function row(what, number, form, target)
  print(("%-52s %9s  %s"):format(what, form:format(number), target and ("target %.2f%s"):format(target,
    number <= target and "" or "  (missed)") or ""))
end

-- Instructions of a script, given as text.
local function of_script(text)
  local path = os.tmpname()
  system.write(path, text)
  local count = instructions { LUA, path }
  os.remove(path)
  return count
end

-- Instructions of loading the module and making a client before modules were loaded at their first use.
local LOADING_BEFORE = 40.66e6

local function main(bare)
  local nginx = start()
  local headers = { "Authorization: Bearer token", "Content-Type: application/json",
    "Accept: application/json", "User-Agent: patchbay/0.2.0" }
  for _, kind in ipairs(kinds) do
    local function ours(count)
      return instructions { LUA, "bench/instructions_job.lua", nginx:url "", kind[1], count, CONCURRENCY }
    end
    local function theirs(count)
      local words = { bare, nginx:url(kind.path), "-", count, CONCURRENCY, kind.body }
      for _, header in ipairs(headers) do words[#words + 1] = header end
      if kind.method then words[#words + 1] = "method:" .. kind.method end
      return instructions(words)
    end
    local more = MANY - FEW
    local patchbay, alone = (ours(MANY) - ours(FEW)) / more, (theirs(MANY) - theirs(FEW)) / more
    row(("an update of %s within each: / bare"):format(kind[2]), patchbay / alone, "%.2f", kind[3])
    row("  bare libcurl, instructions", alone, "%.0f")
    row("  patchbay", patchbay, "%.0f")
  end
  local core = of_script 'local core = require "patchbay.core" local pool = core.http.pool()'
  for _, made in ipairs { 'telegent { account_key = "DID-1", account_secret = "secret-1" }',
    'convirza { email = "a@b", password = "secret-1" }', 'crazytel { api_key = "secret-1" }' } do
    local client = of_script('local client = require "patchbay".' .. made)
    local name = made:match "^%w+"
    row(("require and a client of %s / before"):format(name), (client - core) / LOADING_BEFORE, "%.2f",
      name == "telegent" and 0.35 or nil)
    row("  instructions, millions", (client - core) / 1e6, "%.1f")
  end
end

local bare = programs.compile_bare_multi()
local ok, err = xpcall(function() main(bare) end, debug.traceback)
server.stop_all()
os.remove(bare)
if not ok then error(err, 0) end
