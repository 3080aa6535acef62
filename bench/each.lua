--- Bulk runs: compares patchbay.each with a plain program on libcurl's multi interface that sends the same
-- bytes, and with the installed alternatives.

local core = require "patchbay.core"
local patchbay = require "patchbay"
local programs = require "bench.programs"
local server = require "spec.support.server"
local system = require "spec.support.system"

local CONCURRENCIES = { 1, 16, 64 }
-- The programs run in turns, and the best turn of each counts, because the machine does other things as well.
local TURNS, REQUESTS = 7, 6000
local OTHERS_TURNS, OTHERS_REQUESTS = 3, 3000
local FEW, MANY = 1000, tonumber(os.getenv "BENCH_ITEMS") or 1000000

local KEY = "CRID-509de94f-79cc-429b-a317-2102654dabbb"
local PATH = "/v1.0/voice/routes/update"
local BODY = '{"CallRouteId":"' .. KEY .. '","TrunkIp1":"20.87.87.87","TrunkEnabled2":false}'

-- The vendor's own example of a response.
local ANSWER = [[
{"CallRouteId":"CRID-509de94f-79cc-429b-a317-2102654dabbb",
"AccountId":"AID-ab12345-2725-45a1-bd5e-526ed19799xx","RouteName":"Main SIP Trunk","RouteType":"Trunk",
"VoiceUrl":"https://domain.com","VoiceUrlMethod":"GET","TrunkIp1":"20.87.87.87","TrunkIp2":"20.87.87.86",
"TrunkPort1":"5061","TrunkPort2":"5060","TrunkTransport1":"UDP","TrunkTransport2":"TCP",
"TrunkUri1":"https://pstn.joonto.com","TrunkUri2":"https://pstn2.joonto.com","TrunkEnabled1":true,
"TrunkEnabled2":false,"Trunk1Priortiy":10,"Trunk1Weight":10,"Trunk2Priortiy":20,"Trunk2Weight":20,
"HeaderManipulation":"HMI8802029","EnableSipRefer":true,"TransferCallerId":"Transferee/Transferor",
"SymmetricRtp":true,"EnableTrpSecureTrunk":true,"EnablePstnTransfer":true,"CnamLookup":true,
"TerminationUriSubdomain":"client","EnableCallStreaming":true,"WssUri":"wss://192.67.88.2",
"IpWhiteList":[]}]]
ANSWER = ANSWER:gsub("\n", "")

local function command(words)
  local quoted = {}
  for i, word in ipairs(words) do quoted[i] = system.quote(word) end
  return table.concat(quoted, " ")
end

-- The numbers that a program prints in its one line; nil when it fails.
local function numbers(line)
  local pipe = assert(io.popen(line, "r"))
  local text = pipe:read "*l" or ""
  pipe:close()
  local list = {}
  for number in text:gmatch "%S+" do list[#list + 1] = tonumber(number) end
  return list[1] and list
end

local function must(line) return numbers(line) or error("this failed: " .. line, 0) end

-- Keeps the better measurement.
local function better(best, got)
  for i = 1, 2 do best[i] = math.min(best[i] or math.huge, got[i]) end
end

local function row(what, cpu, wall, target)
  print(("%-34s %8s %8s  %s"):format(what, cpu, wall or "",
    target and ("target %s%s"):format(target.text, target.met and "" or "  (missed)") or ""))
end

local function ratio(number) return ("%.2f"):format(number) end
local function micros(number) return ("%.1f us"):format(number) end

local function at_most(number, limit) return { text = ("%.2f"):format(limit), met = number <= limit } end

-- $PORT speaks HTTP/1.1, $PORT2 HTTP/2 over TLS, $PORT3 shows the last request that it got.
local function start(certificates)
  return server.nginx {
    http = "keepalive_requests 1000000000; keepalive_timeout 600s;",
    conf = ([[
      server {
        default_type application/json;
        listen 127.0.0.1:$PORT;
        location / { return 200 '%s'; }
      }
      server {
        default_type application/json;
        listen 127.0.0.1:$PORT2 ssl http2;
        %s
        if ($server_protocol != "HTTP/2.0") { return 505; }
        location / { return 200 '%s'; }
      }
      server {
        default_type application/json;
        listen 127.0.0.1:$PORT3;
        location / { content_by_lua_block {
          ngx.req.read_body()
          ngx.shared.counts:set("last", ngx.req.raw_header() .. (ngx.req.get_body_data() or ""))
          ngx.print('%s')
        } }
        location /last { content_by_lua_block { ngx.print(ngx.shared.counts:get "last") } }
      }]]):format(ANSWER, certificates.conf("good"), ANSWER, ANSWER),
  }
end

-- The lines of the last request to the third port, sorted by name.
local function last_request(nginx)
  local pool = core.http.pool()
  local transfer = pool:start("GET", nginx:url("/last", 3))
  while not pool:wait(transfer, 1) do end -- luacheck: ignore 542
  local lines = {}
  for line in transfer:body():gmatch "[^\r\n]+" do lines[#lines + 1] = line end
  table.sort(lines)
  return lines
end

-- The headers of Patchbay's update, except those that libcurl adds itself.
local function headers_of_ours(nginx)
  local route = patchbay.telegent({ token = "token", base_url = nginx:url("", 3) }).voice_routes[KEY]
  route.TrunkIp1 = "20.87.87.87"
  route.TrunkEnabled2 = false
  assert(route:update())
  local sent, headers = last_request(nginx), {}
  for _, line in ipairs(sent) do
    local name = line:match "^([%w-]+): "
    if name and name ~= "Host" and name ~= "Content-Length" and name ~= "Accept-Encoding" then
      headers[#headers + 1] = line
    end
  end
  return headers, sent
end

local LUA = programs.lua

local function main(bare, certificates)
  local nginx = start(certificates)
  local headers, sent = headers_of_ours(nginx)
  local protocols = {
    { name = "HTTP/1.1", port = 1, ca = "-" },
    { name = "HTTP/2, TLS", port = 2, ca = certificates.path "ca" },
  }

  local function bare_line(url, ca, count, concurrency)
    local words = { bare, url, ca, count, concurrency, BODY }
    for _, header in ipairs(headers) do words[#words + 1] = header end
    return command(words)
  end
  local function url_of(protocol, path)
    return ("%s://127.0.0.1:%d%s"):format(protocol.ca == "-" and "http" or "https",
      nginx.ports[protocol.port], path)
  end
  local function job(protocol, count, concurrency)
    return command { LUA, "bench/each_job.lua", url_of(protocol, ""), protocol.ca, count, concurrency, KEY }
  end

  must(bare_line(nginx:url(PATH, 3), "-", 1, 1))
  assert(table.concat(last_request(nginx), "\n") == table.concat(sent, "\n"),
    "the bare program does not send the same bytes")

  local ours_at_16, bare_at_16 = {}, {}
  row("an update within each", "CPU", "wall")
  for _, protocol in ipairs(protocols) do
    for _, concurrency in ipairs(CONCURRENCIES) do
      local ours, theirs = {}, {}
      for _ = 1, TURNS do
        better(theirs, must(bare_line(url_of(protocol, PATH), protocol.ca, REQUESTS, concurrency)))
        better(ours, must(job(protocol, REQUESTS, concurrency)))
      end
      local name = ("%s, %d at once"):format(protocol.name, concurrency)
      local cpu = ours[1] / theirs[1]
      local judged = protocol.port == 1 and concurrency == 16
      row(name .. ": / bare", ratio(cpu), ratio(ours[2] / theirs[2]), judged and at_most(cpu, 1.4))
      row("  bare libcurl", micros(theirs[1]), micros(theirs[2]))
      row("  patchbay", micros(ours[1]), micros(ours[2]))
      if judged then ours_at_16, bare_at_16 = ours, theirs end
    end
  end

  -- A target is the share of the other program's CPU that Patchbay may take.
  local others = {
    { "Go net/http", "go", 0.5 }, { "Node fetch", "node" }, { "Python requests", "requests" },
    { "Python aiohttp", "aiohttp", 0.1 }, { "LuaSocket, one at a time", "luasocket" },
  }
  print ""
  row("16 at once over HTTP/1.1, by others", "CPU", "wall")
  row("  bare libcurl", micros(bare_at_16[1]), micros(bare_at_16[2]))
  row("  patchbay", micros(ours_at_16[1]), micros(ours_at_16[2]))
  for _, other in ipairs(others) do
    local line = command { "bench/others/run", other[2], bare .. ".go", url_of(protocols[1], PATH),
      OTHERS_REQUESTS, 16, BODY }
    local best = {}
    for _ = 1, OTHERS_TURNS do
      local got = numbers(line)
      if not got then break end
      better(best, got)
      better(ours_at_16, must(job(protocols[1], REQUESTS, 16)))
    end
    if not best[1] then
      row("  " .. other[1], "not installed")
    else
      local share = ours_at_16[1] / best[1]
      row("  " .. other[1], micros(best[1]), micros(best[2]))
      row("    patchbay / that", ratio(share), ratio(ours_at_16[2] / best[2]),
        other[3] and at_most(share, other[3]))
    end
  end

  print ""
  local one = must(job(protocols[1], 1, 0))
  local more = one[1] / one[2]
  row("each of one item / the plain call", ratio(more), nil, at_most(more, 1.1))
  local few, many = must(job(protocols[1], FEW, 16)), must(job(protocols[1], MANY, 16))
  if few[3] > 0 then
    local megabytes = (many[3] - few[3]) / 1024
    row(("peak memory at %d items"):format(FEW), ("%.1f MB"):format(few[3] / 1024))
    row(("peak memory at %d items"):format(MANY), ("%.1f MB"):format(many[3] / 1024))
    row("  the second is more by", ("%.1f MB"):format(megabytes), nil, at_most(megabytes, 8))
  end
end

local bare = programs.compile_bare_multi()
local certificates = server.certificates()
local ok, err = xpcall(function() main(bare, certificates) end, debug.traceback)
server.stop_all()
os.remove(bare)
os.remove(bare .. ".go")
if not ok then error(err, 0) end
