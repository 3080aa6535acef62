--- The fault server's HTTP/2: it accepts requests without reading their headers, and its responses are
-- written by hand.

local http2 = {}

local PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

http2.DATA, http2.HEADERS, http2.RST_STREAM, http2.SETTINGS, http2.PUSH_PROMISE, http2.PING, http2.GOAWAY,
  http2.WINDOW_UPDATE, http2.CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 8, 9

http2.END_STREAM, http2.ACK, http2.END_HEADERS = 1, 1, 4

--- ":status: 200" in HPACK's static table.
http2.STATUS_200 = "\136"

--- The initial window of the clients: SETTINGS_INITIAL_WINDOW_SIZE, 16 MB.
local WIDE = "\0\4\1\0\0\0"

-- The sum of the bytes, as a number.
local function number(bytes)
  local value = 0
  for i = 1, #bytes do value = value * 256 + bytes:byte(i) end
  return value
end

--- A complete response.
function http2.answer(c, stream, json)
  c:frame(http2.HEADERS, http2.END_HEADERS, stream, http2.STATUS_200)
  c:frame(http2.DATA, http2.END_STREAM, stream, json)
end

--- Serves a connection after its TLS handshake. `fault` applies while `is_broken()`: `settings` (the payload
-- of the server's SETTINGS) and `narrow` (no further window) at the beginning, `request(c, stream, json)`
-- instead of a response. `log(line)` gets a line for each request.
function http2.serve(c, fault, is_broken, log)
  local json = ('{"id":"%s","description":"good"}'):format(require("spec.support.faults").TRUNK)
  if not is_broken() then fault = {} end
  if c:take(#PREFACE) ~= PREFACE then c:close() end
  c:frame(http2.SETTINGS, 0, 0, fault.settings or WIDE)
  if not fault.narrow then c:frame(http2.WINDOW_UPDATE, 0, 0, "\1\0\0\0") end
  while true do
    local head = c:take(9)
    if not head then c:close() end
    local length, kind, flags = number(head:sub(1, 3)), head:byte(4, 5)
    local stream = number(head:sub(6, 9))
    local payload = length > 0 and c:take(length) or ""
    if not payload then c:close() end
    if kind == http2.SETTINGS and flags % 2 == 0 then
      c:frame(http2.SETTINGS, http2.ACK, 0)
    elseif kind == http2.PING and flags % 2 == 0 then
      c:frame(http2.PING, http2.ACK, 0, payload)
    elseif kind == http2.HEADERS or kind == http2.DATA then
      if kind == http2.HEADERS then
        log("stream " .. stream)
      end
      if flags % 2 == 1 then
        local answer = is_broken() and fault.request or http2.answer
        answer(c, stream, json)
      end
    end
  end
end

return http2
