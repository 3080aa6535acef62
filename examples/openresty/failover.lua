-- Called by nginx.conf. The webhook accepts
--
--   POST /trunk-down          X-Webhook-Secret: <the environment's WEBHOOK_SECRET>
--   {"route":"CRID-…","trunk":1}
--
-- It disables that trunk of the voice route, prefers the other, reads the route back, and responds with the
-- changes. Telegent's credentials are in the environment: TELEGENT_ACCOUNT_KEY and _SECRET.

local patchbay = require "patchbay"

local failover = {}

-- For this many seconds after a trunk was reported down, there is no failover to it.
local DOWN = 300
local OTHER = { 2, 1 }

local telegent, secret, key

--- Reads the environment and creates the client. If something is missing, it raises, and nginx does not
-- start.
function failover.start()
  secret = os.getenv "WEBHOOK_SECRET"
  if not secret or #secret < 16 then error("WEBHOOK_SECRET: at least 16 characters are needed", 0) end
  local random = assert(io.open("/dev/urandom", "rb"))
  key = random:read(20)
  random:close()
  -- A caller waits, so the timeouts are short.
  telegent = patchbay.telegent {
    base_url = os.getenv "PATCHBAY_BASE_URL", shared = "patchbay",
    timeout = 5, connect_timeout = 2, deadline = 15,
  }
  return failover
end

-- Takes the same time for every text, because it compares digests that nobody can predict.
local function is_secret(text)
  return ngx.hmac_sha1(key, text) == ngx.hmac_sha1(key, secret)
end

local function answer(status, body)
  ngx.status = status
  ngx.header["Content-Type"] = "application/json"
  ngx.say(patchbay.json.encode(body))
end

local function refuse(status, text) return answer(status, { error = text }) end

-- Responds with an error of Patchbay. 504 means that the outcome of the change is unknown.
local function failed(err)
  ngx.log(ngx.ERR, tostring(err))
  ngx.shared.failover:incr("failed", 1, 0)
  answer(err.outcome == "unknown" and 504 or err.kind == "not_found" and 404 or 502,
    { error = tostring(err), kind = err.kind, outcome = err.outcome })
end

-- The event; or nil and the problem with it.
local function read_event()
  ngx.req.read_body()
  local event = patchbay.json.decode(ngx.req.get_body_data() or "")
  if type(event) ~= "table" then return nil, "expected a JSON object" end
  if type(event.route) ~= "string" or not event.route:find "^CRID%-[%w-]+$" then
    return nil, "route: expected a CallRouteId, CRID-…"
  end
  if not OTHER[event.trunk] then return nil, "trunk: expected 1 or 2" end
  return event
end

function failover.webhook()
  if ngx.req.get_method() ~= "POST" then
    ngx.header["Allow"] = "POST"
    return refuse(405, "expected POST")
  end
  if not is_secret(ngx.var.http_x_webhook_secret or "") then
    return refuse(401, "X-Webhook-Secret is missing or wrong")
  end
  local event, why = read_event()
  if not event then return refuse(400, why) end
  local down, up = event.trunk, OTHER[event.trunk]
  local reported = ngx.shared.failover
  reported:set(event.route .. " " .. down, true, DOWN)
  if reported:get(event.route .. " " .. up) then
    return refuse(409, ("trunk %d was reported down as well; nothing is changed"):format(up))
  end

  local route, err = telegent.voice_routes:get(event.route)
  if not route then return failed(err) end
  local address = route["TrunkIp" .. up]
  if type(address) ~= "string" or address == "" then
    return refuse(409, ("the route has no trunk %d"):format(up))
  end
  -- The lower priority is preferred. The vendor spells the field like this.
  local wanted = { ["TrunkEnabled" .. down] = false, ["TrunkEnabled" .. up] = true,
    [("Trunk%dPriortiy"):format(down)] = 2, [("Trunk%dPriortiy"):format(up)] = 1 }
  for field, value in pairs(wanted) do
    if route[field] ~= value then route[field] = value end
  end
  local changes = route:diff()
  if #changes == 0 then return answer(200, { route = event.route, changes = patchbay.array {} }) end

  local updated, problem = route:update()
  if not updated and problem.outcome ~= "unknown" then return failed(problem) end
  -- The change was accepted, or may have been: in both cases, read the route back.
  local compared
  compared, err = route:confirm()
  if not compared then return failed(problem or err) end
  reported:incr("done", 1, 0)
  answer(#compared.differs == 0 and 200 or 502, { route = event.route, changes = patchbay.array(changes),
    confirmed = patchbay.array(compared.confirmed), differs = patchbay.array(compared.differs) })
end

--- Responds at once, whatever the vendor does.
function failover.health()
  local counts = ngx.shared.failover
  answer(200, { status = "ok", done = counts:get "done" or 0, failed = counts:get "failed" or 0 })
end

return failover
