-- What nginx.conf calls. The webhook takes
--
--   POST /trunk-down          X-Webhook-Secret: <the environment's WEBHOOK_SECRET>
--   {"route":"CRID-…","trunk":1}
--
-- disables that trunk of the voice route, prefers the other, reads back whether it is so, and answers with
-- what was changed. Telegent's credentials are in the environment: TELEGENT_ACCOUNT_KEY and _SECRET.

local patchbay = require "patchbay"

local failover = {}

-- A trunk that was reported down is not failed over to for so many seconds.
local DOWN = 300
local OTHER = { 2, 1 }

local telegent, secret, key

--- Reads the environment and makes the client; raises what is missing, and nginx does not start.
function failover.start()
  secret = os.getenv "WEBHOOK_SECRET"
  if not secret or #secret < 16 then error("WEBHOOK_SECRET: at least 16 characters are needed", 0) end
  local random = assert(io.open("/dev/urandom", "rb"))
  key = random:read(20)
  random:close()
  -- A caller waits: what hangs is given up after seconds.
  telegent = patchbay.telegent {
    base_url = os.getenv "PATCHBAY_BASE_URL", shared = "patchbay",
    timeout = 5, connect_timeout = 2, deadline = 15,
  }
  return failover
end

-- In the same time for every text: what is compared are digests that nobody can foresee.
local function is_secret(text)
  return ngx.hmac_sha1(key, text) == ngx.hmac_sha1(key, secret)
end

local function answer(status, body)
  ngx.status = status
  ngx.header["Content-Type"] = "application/json"
  ngx.say(patchbay.json.encode(body))
end

local function refuse(status, text) return answer(status, { error = text }) end

-- An error of patchbay's. 504: what became of the change is not known.
local function failed(err)
  ngx.log(ngx.ERR, tostring(err))
  ngx.shared.failover:incr("failed", 1, 0)
  answer(err.outcome == "unknown" and 504 or err.kind == "not_found" and 404 or 502,
    { error = tostring(err), kind = err.kind, outcome = err.outcome })
end

-- The event; or nil and what is wrong with it.
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
  -- Priorities: the lower is preferred, and the vendor spells them like this.
  local wanted = { ["TrunkEnabled" .. down] = false, ["TrunkEnabled" .. up] = true,
    [("Trunk%dPriortiy"):format(down)] = 2, [("Trunk%dPriortiy"):format(up)] = 1 }
  for field, value in pairs(wanted) do
    if route[field] ~= value then route[field] = value end
  end
  local changes = route:diff()
  if #changes == 0 then return answer(200, { route = event.route, changes = patchbay.array {} }) end

  local updated, problem = route:update()
  if not updated and problem.outcome ~= "unknown" then return failed(problem) end
  -- It was taken, or it is not known whether it was: either way the vendor is asked what is so now.
  local compared
  compared, err = route:confirm()
  if not compared then return failed(problem or err) end
  reported:incr("done", 1, 0)
  answer(#compared.differs == 0 and 200 or 502, { route = event.route, changes = patchbay.array(changes),
    confirmed = patchbay.array(compared.confirmed), differs = patchbay.array(compared.differs) })
end

--- Answers at once, whatever the vendor does.
function failover.health()
  local counts = ngx.shared.failover
  answer(200, { status = "ok", done = counts:get "done" or 0, failed = counts:get "failed" or 0 })
end

return failover
